/** Validates the props of an OidcRole, and makes the conditions of its trust policy: at synth, before anything is deployed. */
import { Token, aws_iam as iam } from 'aws-cdk-lib';
import { joinWithAnd } from '../../lambda/checks/trust/words';
import type { IssuerGrammar } from '../../lambda/iam-policy/grammar';
import { hostOf, parseIssuer } from '../../lambda/oidc/issuer';
import { profileOf, tokenSource } from '../../lambda/oidc/profiles';
import { quote } from '../../lambda/text/quote';
import type { OidcRoleProps } from './oidc-props';
import { inOtherAccount, issuerInArn, notWritten } from './validate';
import type { Validated } from './validate';
import { NAME, refusalsFor } from './validate-text';
import { conditionsOf, problemsOfUnit } from './validate-unit';
import { VENDOR_KEYS, trustsOf } from './vendors';
import type { Vendor } from './vendors';

/** What the role is made of. */
export interface ValidatedOidc {
  readonly providerArn: string;
  readonly issuer: string;
  readonly audience: string;
  /** Of one statement each. */
  readonly conditions: readonly iam.Conditions[];
}

/** Validates everything at once. `account`: of the stack, which may be known only at deployment. */
export function validateOidc(props: OidcRoleProps, account: string): Validated<ValidatedOidc> {
  const [trust, ...others] = trustsOf(props.trust);
  if (trust === undefined || others.length > 0) return { ok: false, problems: [vendorProblem(props)] };
  const { vendor, units } = trust;
  const resource = resourceOf(props.provider);
  const provider = validateProvider(props.provider, account);
  const issuer = validateIssuer(props, resource, vendor);
  // If the issuer is wrong, the rest is validated for a usual one.
  const grammar = grammarOf(vendor, issuer.ok ? issuer.value : vendor.issuer);
  const audience = validateAudience(props.audience, { vendor, grammar, resource });
  const problems = [
    ...provider,
    ...(issuer.ok ? [] : issuer.problems),
    ...(audience.ok ? [] : audience.problems),
    ...(units.length > 0 ? [] : [`trust: names no ${grammar.nouns.unit}, so nobody could assume the role.`]),
    ...units.flatMap((unit) => problemsOfUnit(unit, grammar)),
  ];
  if (!issuer.ok || !audience.ok || problems.length > 0) return { ok: false, problems };
  const { provider: given } = props;
  const prefix = issuer.value.slice('https://'.length);
  const statements = units.map((unit) => conditionsOf(unit, { prefix, audience: audience.value, grammar }));
  return {
    ok: true,
    value: {
      providerArn: typeof given === 'string' ? given : given.oidcProviderArn,
      issuer: issuer.value,
      audience: audience.value,
      conditions: [...new Map(statements.map((one) => [JSON.stringify(one), one])).values()],
    },
  };
}

function vendorProblem({ trust }: OidcRoleProps): string {
  const named = VENDOR_KEYS.filter((key) => key in trust);
  return named.length === 0
    ? `trust: names no vendor. Name one of ${VENDOR_KEYS.join(', ')}.`
    : `trust: names ${joinWithAnd(named)}. A role of this construct trusts one provider. Create one role for each.`;
}

/** Issuers on customers' hosts are recognized by their subjects. */
const grammarOf = ({ subject }: Vendor, issuer: string): IssuerGrammar =>
  tokenSource({ issuer, providerArn: null, audiences: null }, [subject]).grammar;

type Provider = OidcRoleProps['provider'];

/** Null: the provider is not created by an OidcProviderNative of this app. */
function resourceOf(provider: Provider): iam.CfnOIDCProvider | null {
  const child = typeof provider === 'string' ? undefined : provider.node.tryFindChild('Resource');
  return iam.CfnOIDCProvider.isCfnOIDCProvider(child) ? child : null;
}

const arnOf = (provider: Provider): string =>
  typeof provider === 'string' ? provider : provider.oidcProviderArn;

function validateProvider(provider: Provider, account: string): readonly string[] {
  const arn = arnOf(provider);
  if (typeof provider === 'string' && !Token.isUnresolved(arn) && issuerInArn(arn) === null) {
    return [`provider: ${quote(arn)} is not the ARN of an OIDC provider.`];
  }
  const elsewhere = inOtherAccount(arn, account);
  return elsewhere === null ? [] : [`provider: ${quote(arn)} ${elsewhere}`];
}

/** The issuer that the provider names, as far as that is known before the deployment. */
const issuerOfProvider = (provider: Provider, resource: iam.CfnOIDCProvider | null): string | null =>
  resource?.url !== undefined && !Token.isUnresolved(resource.url)
    ? resource.url
    : issuerInArn(arnOf(provider));

function validateIssuer(
  { provider, issuer: given }: OidcRoleProps,
  resource: iam.CfnOIDCProvider | null,
  vendor: Vendor,
): Validated<string> {
  const refuse = (words: string): Validated<string> => ({ ok: false, problems: [`issuer: ${words}`] });
  const known = issuerOfProvider(provider, resource);
  const written = given ?? known;
  if (written === null) {
    return refuse(
      `is missing: the provider names its issuer only at deployment. Write it as in the claim iss of the tokens, such as ${vendor.issuer}.`,
    );
  }
  const computed = notWritten('issuer', written);
  if (computed !== null) return { ok: false, problems: [computed] };
  const parsed = parseIssuer(written);
  if (!parsed.ok) return refuse(parsed.problem);
  const { value: issuer } = parsed;
  const { port } = hostOf(issuer);
  if (port !== 443) {
    return refuse(
      `${quote(issuer)} contains port ${port}. IAM accepts no port. Serve the issuer on port 443.`,
    );
  }
  if (issuer.endsWith('/'))
    return refuse(`${quote(issuer)} ends in a slash. The claim iss of the tokens does not. Remove it.`);
  if (profileOf(issuer, [vendor.subject]) !== vendor.profile) {
    return refuse(
      `${quote(issuer)} is not an issuer of ${vendor.name}. Write it as in the claim iss of the tokens, such as ${vendor.issuer}.`,
    );
  }
  return known === null || known === issuer
    ? { ok: true, value: issuer }
    : refuse(`${quote(issuer)} is not the issuer of the provider, ${quote(known)}. Remove it.`);
}

interface Audience {
  readonly vendor: Vendor;
  readonly grammar: IssuerGrammar;
  readonly resource: iam.CfnOIDCProvider | null;
}

function validateAudience(
  given: string | undefined,
  { vendor, grammar, resource }: Audience,
): Validated<string> {
  const refuse = (words: string): Validated<string> => ({ ok: false, problems: [`audience: ${words}`] });
  const audience = given ?? vendor.profile.defaultAudience(grammar);
  if (audience === null) {
    return refuse(
      `is missing: tokens of ${grammar.nouns.vendor} have no usual audience, because each job chooses one. Write the one that the jobs request, such as sts.amazonaws.com.`,
    );
  }
  const problems = refusalsFor('audience', audience, NAME);
  if (problems.length > 0) return { ok: false, problems };
  const listed = resource?.clientIdList;
  return listed === undefined || listed.some((one) => one === audience || Token.isUnresolved(one))
    ? { ok: true, value: audience }
    : refuse(
        `${quote(audience)} is not among the client IDs of the provider, so all logins would fail. Add it there.`,
      );
}

/** Validates the props of a federation: at synth, before anything is deployed. */
import { Token } from 'aws-cdk-lib';
import {
  accountOfArn,
  circleCiIssuer,
  circleCiOrgOf,
  hostOf,
  issuerOfProviderArn,
  parseIssuer,
  parseOrgId,
} from '../../lambda/oidc/issuer';
import { quote } from '../../lambda/text/quote';
import { MAX_THUMBPRINTS, isThumbprint } from '../../lambda/x509/thumbprint';
import { LIST_PROVIDERS } from '../../lambda/remedies/remedy';
import type { CircleCiFederationProps } from './props';
import { tokenSource } from '../../lambda/oidc/profiles';
import type { Result } from '../../lambda/domain/result';

/** The validated value, or its problems: one line a problem, each beginning with the prop. */
export type Validated<T> = Result<T, { readonly problems: readonly string[] }>;

/** Whether an issuer signs for every customer, although each has one of its own. */
const isRootIssuer = (issuer: string): boolean =>
  tokenSource({ issuer, providerArn: null, audiences: null }).grammar.issuerOfTenant !== null;

/** What the provider is built from. */
export interface ValidatedFederation {
  readonly org: string;
  readonly issuer: string;
  /** In lower case; undefined: IAM fills the list. */
  readonly thumbprints: readonly string[] | undefined;
}

/** Validates everything at once. Without a valid org it cannot validate the issuer. */
export function validateFederation(props: CircleCiFederationProps): Validated<ValidatedFederation> {
  const thumbprints = validateThumbprints(props.thumbprints);
  const parsed = parseOrgId(props.org);
  if (!parsed.ok) {
    const problem = notWritten('org', props.org) ?? `org: ${parsed.problem}`;
    return { ok: false, problems: [problem, ...thumbprints] };
  }
  const { value: org } = parsed;
  const issuer = validateFederationIssuer(props.issuer ?? circleCiIssuer(org), org);
  const problems = [...(issuer.ok ? [] : issuer.problems), ...thumbprints];
  if (!issuer.ok || problems.length > 0) return { ok: false, problems };
  const listed = props.thumbprints?.map((thumbprint) => thumbprint.toLowerCase());
  return { ok: true, value: { org, issuer: issuer.value, thumbprints: listed } };
}

/** Validates the ARN of an existing provider. `account`: of the stack, which may be known only at deployment. */
export function validateProviderArn(
  arn: string,
  account: string,
): Validated<Pick<ValidatedFederation, 'org' | 'issuer'>> {
  const issuer = issuerInArn(arn);
  const org = issuer === null ? null : circleCiOrgOf(issuer);
  const refuse = (words: string): ReturnType<typeof validateProviderArn> => ({
    ok: false,
    problems: [`provider: ${quote(arn)} ${words}`],
  });
  if (issuer === null || org === null || /[A-F]/.test(org)) {
    return refuse(
      `is not the ARN of the provider of a CircleCI organization, which ends in /org/<org id>. The provider of the root issuer is refused, because it accepts tokens of every CircleCI customer. To list the providers: ${LIST_PROVIDERS}`,
    );
  }
  const elsewhere = inOtherAccount(arn, account);
  return elsewhere === null ? { ok: true, value: { org, issuer } } : refuse(elsewhere);
}

/** Why a provider of another account than the stack's is refused; null: it is of the same, or it is not known. */
export function inOtherAccount(arn: string, account: string): string | null {
  const there = accountOfArn(arn);
  return there === null || Token.isUnresolved(account) || there === account
    ? null
    : `is in account ${there}, but the stack is in ${account}. Only roles of the same account can use a provider. Use a provider of account ${account}.`;
}

/** The issuer that the ARN of a provider names; null if it names none, or if it is known only at deployment. */
export const issuerInArn = (arn: string): string | null =>
  Token.isUnresolved(arn) ? issuerBehindTokens(arn) : issuerOfProviderArn(arn);

/** Null if the issuer, too, is known only at deployment. */
function issuerBehindTokens(arn: string): string | null {
  const [, path = ''] = arn.split(':oidc-provider/');
  const issuer = `https://${path}`;
  return path === '' || Token.isUnresolved(path) || !URL.canParse(issuer) ? null : issuer;
}

/** The problem of a computed value; null if the value is written out. */
export const notWritten = (key: string, value: string): string | null =>
  Token.isUnresolved(value)
    ? `${key}: must be a literal value, not a token, because the trust policy is validated before it is deployed.`
    : null;

function validateFederationIssuer(written: string, org: string): Validated<string> {
  const refuse = (words: string): Validated<string> => ({
    ok: false,
    problems: [notWritten('issuer', written) ?? `issuer: ${words}`],
  });
  const parsed = parseIssuer(written);
  if (!parsed.ok) return refuse(parsed.problem);
  const { value: issuer } = parsed;
  if (isRootIssuer(issuer)) return refuse(rootIssuerProblem(issuer, org));
  const { port } = hostOf(issuer);
  if (port !== 443) {
    return refuse(
      `${quote(issuer)} contains port ${port}. IAM accepts no port. Serve the issuer on port 443.`,
    );
  }
  const expected = `${new URL(issuer).origin}/org/${org}`;
  return issuer === expected
    ? { ok: true, value: issuer }
    : refuse(
        `${quote(issuer)} is not the issuer of organization ${org}. Write it as in the claim iss of its tokens: ${expected}`,
      );
}

const rootIssuerProblem = (issuer: string, org: string): string =>
  `${quote(issuer)} is the root issuer of CircleCI, which signs tokens of every CircleCI customer. Remove issuer: the organization has its own issuer, ${circleCiIssuer(org)}`;

function validateThumbprints(thumbprints: CircleCiFederationProps['thumbprints']): readonly string[] {
  if (thumbprints === undefined) return [];
  const normal = thumbprints.map((thumbprint) => thumbprint.toLowerCase());
  const repeated = thumbprints.filter((_, index) => normal.indexOf(normal[index] ?? '') !== index);
  return [
    ...(thumbprints.length > 0 ? [] : ['thumbprints: is empty. Remove it, and IAM fills the list.']),
    ...(thumbprints.length <= MAX_THUMBPRINTS
      ? []
      : [
          `thumbprints: has ${thumbprints.length} entries; IAM accepts at most ${MAX_THUMBPRINTS}. Remove those that no server uses any more.`,
        ]),
    ...thumbprints.flatMap((thumbprint, index) =>
      isThumbprint(thumbprint)
        ? []
        : [
            `thumbprints[${index}]: ${quote(thumbprint)} is not a thumbprint. Write the SHA-1 of the certificate as 40 hex digits without colons.`,
          ],
    ),
    ...new Set(repeated.map((one) => `thumbprints: names ${quote(one)} more than once. Remove one.`)),
  ];
}

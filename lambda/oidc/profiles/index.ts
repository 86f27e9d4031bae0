/** The grammars of all issuers. Each file of this folder has the data of one kind of issuer, with date and sources. */
import type { IssuerGrammar } from '../../iam-policy/grammar';
import type { TokenSource } from '../../iam-policy/tokens';
import { hostOf } from '../issuer';
import { BITBUCKET } from './bitbucket';
import { BUILDKITE } from './buildkite';
import { CIRCLECI } from './circleci';
import { GITHUB } from './github';
import { GITLAB } from './gitlab';
import { HCP_TERRAFORM } from './hcp-terraform';
import { KUBERNETES } from './kubernetes';
import { GITHUB_AUDIT_LOG, GOOGLE, GOOGLE_PRINCIPAL, PULUMI, unknownGrammar } from './others';
import type { IssuerParts, Profile } from './profile';
import { VERCEL } from './vercel';

/** Every kind of issuer whose tokens are known. The first that matches decides. */
export const PROFILES: readonly Profile[] = [
  CIRCLECI,
  GITHUB,
  GITLAB,
  HCP_TERRAFORM,
  BUILDKITE,
  BITBUCKET,
  KUBERNETES,
  VERCEL,
  PULUMI,
  GITHUB_AUDIT_LOG,
  GOOGLE,
];

/** What a source is made of. */
export interface ProviderTokens {
  readonly issuer: string;
  /** As policies name it. Null: not known. */
  readonly providerArn: string | null;
  /** `ClientIDList`; null: not known. */
  readonly audiences: readonly string[] | null;
}

/**
 * The tokens that a provider accepts. `subjects`: values of conditions on `sub`, by which issuers on customers' hosts are
 * recognized. A slash at the end of the issuer or capitals change nothing.
 */
export function tokenSource(
  { issuer, providerArn, audiences }: ProviderTokens,
  subjects: readonly string[] = [],
): TokenSource {
  return {
    grammar: grammarOf(partsOf(issuer, audiences), subjects),
    prefix: issuer.replace(/^https:\/\//i, '').toLowerCase(),
    providerArn,
    // IAM rejects every token if no audience is listed: then it is not known which are meant to pass.
    audiences: audiences === null || audiences.length === 0 ? null : audiences,
  };
}

/** Google's tokens, which AWS accepts without a provider of the account, with any audience. */
export const googleSource: TokenSource = {
  ...tokenSource({
    issuer: `https://${GOOGLE_PRINCIPAL}`,
    providerArn: GOOGLE_PRINCIPAL,
    audiences: null,
  }),
  audiences: 'any',
};

export { GOOGLE_PRINCIPAL };

/** The profile of an issuer; null: nothing is known about its tokens. */
export const profileOf = (issuer: string, subjects: readonly string[] = []): Profile | null =>
  profileOfParts(partsOf(issuer, null), subjects);

function profileOfParts(parts: IssuerParts, subjects: readonly string[]): Profile | null {
  return (
    PROFILES.find(({ match }) => match(parts) !== null) ??
    PROFILES.find(
      ({ subjects: pattern }) => pattern !== undefined && subjects.some((one) => pattern.test(one)),
    ) ??
    null
  );
}

function grammarOf(parts: IssuerParts, subjects: readonly string[]): IssuerGrammar {
  const profile = profileOfParts(parts, subjects);
  return profile?.match(parts) ?? profile?.onOwnHost?.(parts) ?? unknownGrammar(parts);
}

function partsOf(issuer: string, audiences: readonly string[] | null): IssuerParts {
  const url = issuer.replace(/\/+$/, '').toLowerCase();
  return { url, host: hostOf(url), path: url.replace(/^https:\/\/[^/]*/, ''), audiences };
}

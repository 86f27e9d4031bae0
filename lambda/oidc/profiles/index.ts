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
import {
  COGNITO_PRINCIPAL,
  GITHUB_AUDIT_LOG,
  GOOGLE,
  GOOGLE_PRINCIPAL,
  PULUMI,
  unknownGrammar,
} from './others';
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

/** A provider whose issuer was recognized, or not. */
export interface RecognizedTokens {
  readonly source: TokenSource;
  /** Null: nothing is known about its tokens. */
  readonly profile: Profile | null;
  /** The audience that its tokens have unless somebody chooses another; null: there is none, or none is known. */
  readonly defaultAudience: string | null;
}

/**
 * The tokens that a provider accepts. `subjects`: values of conditions on `sub`, by which issuers on customers' hosts are
 * recognized. A slash at the end of the issuer or capitals change nothing.
 */
export function recognize(
  { issuer, providerArn, audiences }: ProviderTokens,
  subjects: readonly string[] = [],
): RecognizedTokens {
  const { profile, grammar } = grammarOf(partsOf(issuer, audiences), subjects);
  return {
    source: {
      grammar,
      prefix: issuer.replace(/^https:\/\//i, '').toLowerCase(),
      providerArn,
      // IAM rejects every token if no audience is listed: then it is not known which are meant to pass.
      audiences: audiences === null || audiences.length === 0 ? null : audiences,
    },
    profile,
    defaultAudience: profile?.defaultAudience(grammar) ?? null,
  };
}

/** As `recognize`, the tokens alone. */
export const tokenSource = (provider: ProviderTokens, subjects: readonly string[] = []): TokenSource =>
  recognize(provider, subjects).source;

/** The profile of an issuer; null: nothing is known about its tokens. */
export const profileOf = (issuer: string, subjects: readonly string[] = []): Profile | null =>
  grammarOf(partsOf(issuer, null), subjects).profile;

/** The tokens of issuers that AWS trusts without a provider of the account, with any audience, by what policies call them. */
export const BUILT_IN_TOKENS: ReadonlyMap<string, RecognizedTokens> = new Map(
  [GOOGLE_PRINCIPAL, COGNITO_PRINCIPAL].map((principal) => {
    const recognized = recognize({ issuer: `https://${principal}`, providerArn: principal, audiences: null });
    return [principal, { ...recognized, source: { ...recognized.source, audiences: 'any' } }] as const;
  }),
);

interface RecognizedGrammar {
  readonly profile: Profile | null;
  readonly grammar: IssuerGrammar;
}

function grammarOf(parts: IssuerParts, subjects: readonly string[]): RecognizedGrammar {
  for (const profile of PROFILES) {
    const grammar = profile.match(parts);
    if (grammar !== null) return { profile, grammar };
  }
  for (const profile of PROFILES) {
    const { subjects: pattern, onOwnHost } = profile;
    if (pattern !== undefined && subjects.some((one) => pattern.test(one))) {
      return { profile, grammar: onOwnHost?.(parts) ?? unknownGrammar(parts) };
    }
  }
  return { profile: null, grammar: unknownGrammar(parts) };
}

function partsOf(issuer: string, audiences: readonly string[] | null): IssuerParts {
  const url = issuer.replace(/\/+$/, '').toLowerCase();
  return { url, host: hostOf(url), path: url.replace(/^https:\/\/[^/]*/, ''), audiences };
}

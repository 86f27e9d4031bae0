/**
 * Tokens of CircleCI as AWS STS evaluates them: which claims it maps to condition keys, and their possible
 * values.
 */
import { isAscii } from '../text/ascii';
import type { RequestValue } from './condition';

/**
 * A claim that a condition can test. `org` occurs in `sub` only; it is never a key. `session` is not a claim
 * of a token, but the RoleSessionName of the request, which anybody with a token is free to choose.
 */
export type Claim = 'sub' | 'aud' | 'project' | 'org' | 'session';

/** One token. `aud` is null if it does not matter or is not known. */
export interface Token {
  readonly sub: string;
  readonly org: string;
  readonly project: string;
  readonly aud: string | null;
  /** Absent if no condition tests it. */
  readonly session?: string;
}

/** The issuer whose tokens a provider admits. */
export interface TokenSource {
  /**
   * `cloud`: one org of circleci.com. `server`: one org of a CircleCI Server. `root`: every org of
   * circleci.com, by `circleci run oidc get --root-issuer`.
   */
  readonly kind: 'cloud' | 'server' | 'root';
  /** In lower case, as tokens have it; null for the root issuer. */
  readonly org: string | null;
  /** Prefix of the condition keys: the provider's URL without `https://`, in lower case. */
  readonly prefix: string;
  /** What IAM accepts as `aud`; null: not known. */
  readonly audiences: readonly string[] | null;
  /** Only tokens whose subject is ASCII are of interest. */
  readonly hasAsciiSubjects?: true;
}

/** The claim of CircleCI's recommended condition key. */
export const PROJECT_CLAIM = 'oidc.circleci.com/project-id';

/** The condition key of the RoleSessionName. */
export const SESSION_KEY = 'sts:rolesessionname';

/** Whether a condition key is about this provider's tokens. */
export const isOwnKey = ({ prefix }: TokenSource, key: string): boolean => key.startsWith(`${prefix}:`);

/** Whether a condition key is about another web identity provider's tokens: its prefix is a host name. */
export const isForeignKey = (source: TokenSource, key: string): boolean =>
  !isOwnKey(source, key) && isProviderKey(key);

/** Whether a condition key is one of a web identity provider: its prefix is a host name. */
export const isProviderKey = (key: string): boolean => /^[^:/]+\./.test(key);

/**
 * What a request with one of these tokens has under a condition key (in lower case). Of CircleCI's claims STS
 * maps `aud` (also as `oaud`), `sub`, `amr` and, for orgs of circleci.com only, the project id. The values of
 * `amr` are unknown.
 */
export function requestValueOf(source: TokenSource, key: string): RequestValue<Claim> {
  if (key === SESSION_KEY) return { kind: 'claim', claim: 'session' };
  // Whether AWS takes another letter, such as the Kelvin sign, for one of a key is not known.
  if (!isAscii(key)) return { kind: 'unknown' };
  // Keys contain the issuer without its scheme: no request has a key with it.
  if (isForeignKey(source, key) || /^https?:\/\//.test(key)) return { kind: 'missing' };
  if (!isOwnKey(source, key)) return { kind: 'unknown' };
  switch (key.slice(source.prefix.length + 1)) {
    case 'sub':
      return source.hasAsciiSubjects === true
        ? { kind: 'claim', claim: 'sub' }
        : { kind: 'claim', claim: 'sub', anyTextAfter: ORIGIN };
    // These two differ only if a token has an `azp`. CircleCI's tokens have none.
    case 'aud':
    case 'oaud':
      return source.audiences === null
        ? { kind: 'unknown', isPresent: true }
        : { kind: 'claim', claim: 'aud', ...(source.audiences.every(isAscii) ? {} : { anyTextAfter: '' }) };
    case 'amr':
      return { kind: 'unknown' };
    case PROJECT_CLAIM:
      return source.kind === 'cloud' ? { kind: 'claim', claim: 'project' } : { kind: 'missing' };
    default:
      return { kind: 'missing' };
  }
}

/**
 * A part of a subject: its possible characters, once or any number of times, and the claim to which they
 * belong.
 */
export interface SubjectPart {
  readonly characters: { readonly literal: string } | 'hex' | 'any' | 'session';
  readonly repeat: boolean;
  /** `session` does not belong to the subject. */
  readonly part: 'org' | 'project' | 'session' | null;
}

/** Behind this a subject has names of repositories and refs. */
const ORIGIN = '/vcs-origin/';

/** `V1`: CIRCLE_OIDC_TOKEN. `V2`: CIRCLE_OIDC_TOKEN_V2, which also names origin and ref. */
export type Flavour = 'V1' | 'V2';

/**
 * The subjects that tokens of a flavour can have. `origin` and `ref`: only those of V2 tokens with these two.
 */
export const subjectShape = (
  { org }: TokenSource,
  flavour: Flavour,
  change: { readonly origin: string; readonly ref: string } | null = null,
): readonly SubjectPart[] => [
  ...literal('org/'),
  ...(org === null ? ID.org : literal(org)),
  ...literal('/project/'),
  ...ID.project,
  ...literal('/user/'),
  ...ID.user,
  ...(flavour === 'V1'
    ? []
    : [
        ...literal(ORIGIN),
        ...(change === null ? some : literal(change.origin)),
        ...literal('/vcs-ref/'),
        ...(change === null ? some : literal(change.ref)),
      ]),
];

const literal = (text: string, part: SubjectPart['part'] = null): readonly SubjectPart[] =>
  Array.from(text).map((character) => ({ characters: { literal: character }, repeat: false, part }));

const hex = (amount: number, part: SubjectPart['part']): readonly SubjectPart[] =>
  Array.from({ length: amount }, () => ({ characters: 'hex', repeat: false, part }));

const uuid = (part: SubjectPart['part']): readonly SubjectPart[] =>
  [8, 4, 4, 4, 12].flatMap((amount, index) => [
    ...(index === 0 ? [] : literal('-', part)),
    ...hex(amount, part),
  ]);

const ID = { org: uuid('org'), project: uuid('project'), user: uuid(null) };

const some: readonly SubjectPart[] = [
  { characters: 'any', repeat: false, part: null },
  { characters: 'any', repeat: true, part: null },
];

/** A RoleSessionName of STS: two characters or more, as parts that follow a subject. */
export const SESSION_SHAPE: readonly SubjectPart[] = [false, false, true].map((repeat) => ({
  characters: 'session',
  repeat,
  part: 'session',
}));

/** STS accepts no longer one. */
export const MAX_SESSION_NAME = 64;

/** Tokens of an issuer as AWS STS evaluates them: which condition keys a request has, and their possible values. */
import { isAscii } from '../text/ascii';
import { PRINTABLE, closed } from './alphabet';
import type { RequestValue } from './condition';
import type { Claim, Field, FreeClaim, IssuerGrammar, Position, Segment, TokenForm } from './grammar';

export type { Claim } from './grammar';

/** Claims that this evaluation itself knows. The last two are chosen by the caller. */
export const SUB = 'sub';
export const AUD = 'aud';
const OAUD = 'oaud';
export const SESSION = 'session';
export const SOURCE_IDENTITY = 'source identity';

/** One token, and what its owner chooses in the request. */
export interface Token {
  readonly sub: string;
  /** Null if it does not matter or is not known. */
  readonly aud: string | null;
  /** The parts of the subject, and the claims that a condition tests. */
  readonly claims: ReadonlyMap<Claim, string>;
  readonly form: TokenForm;
}

/** The issuer whose tokens a provider accepts. */
export interface TokenSource {
  readonly grammar: IssuerGrammar;
  /** Prefix of the condition keys: the provider's URL without `https://`, in lower case. */
  readonly prefix: string;
  readonly providerArn: string | null;
  /** What IAM accepts as `aud`; null: not known. `any`: whatever the caller chooses. */
  readonly audiences: readonly string[] | 'any' | null;
  /** Only tokens whose subject is ASCII are of interest. */
  readonly hasAsciiSubjects?: true;
}

/** The condition key of the RoleSessionName. */
export const SESSION_KEY = 'sts:rolesessionname';
const SOURCE_IDENTITY_KEY = 'sts:sourceidentity';
const AUTHORIZED_BY_IDP_KEY = 'sts:roleauthorizedbyidp';
const PROVIDER_KEY = 'aws:federatedprovider';
const REQUEST_TAG = 'aws:requesttag/';

/** Whether a condition key is about a session tag. */
export const isSessionTag = (key: string): boolean => key.startsWith(REQUEST_TAG);

/** Whether a condition key is about this provider's tokens. */
export const isOwnKey = ({ prefix }: Pick<TokenSource, 'prefix'>, key: string): boolean =>
  key.startsWith(`${prefix}:`);

/** Whether a condition key is about another web identity provider's tokens: its prefix is a host name. */
export const isForeignKey = (source: TokenSource, key: string): boolean =>
  !isOwnKey(source, key) && isProviderKey(key);

/** Whether a condition key is one of a web identity provider: its prefix is a host name. */
export const isProviderKey = (key: string): boolean => /^[^:/]+\./.test(key);

/** The name of an own key, without the prefix. */
export const nameOfKey = ({ prefix }: Pick<TokenSource, 'prefix'>, key: string): string =>
  key.slice(prefix.length + 1);

/**
 * What a request with one of these tokens has under a condition key (in lower case). STS supports `sub`, `aud`,
 * `oaud`, `amr` and `email` for every issuer, and a few more for some. The values of `amr` and `email` are unknown.
 */
export function requestValueOf(source: TokenSource, key: string): RequestValue<Claim> {
  if (key === SESSION_KEY) return { kind: 'claim', claim: SESSION };
  // Whether AWS takes another letter, such as the Kelvin sign, for one of a key is not known.
  if (!isAscii(key)) return { kind: 'unknown' };
  if (isOwnKey(source, key)) return valueOfOwnKey(source, nameOfKey(source, key));
  // Keys contain the issuer without its scheme: no request has a key with it, or with a placeholder of an example.
  if (isForeignKey(source, key) || /^https?:\/\/|^[^:]*[<>{}]/.test(key)) return { kind: 'missing' };
  if (key === SOURCE_IDENTITY_KEY) return { kind: 'claim', claim: SOURCE_IDENTITY, optional: true };
  if (key === PROVIDER_KEY && source.providerArn !== null) {
    return { kind: 'constant', value: source.providerArn };
  }
  const needsClaim = key === AUTHORIZED_BY_IDP_KEY || isSessionTag(key);
  return needsClaim && !source.grammar.hasAwsClaims ? { kind: 'missing' } : { kind: 'unknown' };
}

function valueOfOwnKey(source: TokenSource, name: string): RequestValue<Claim> {
  const { grammar, audiences, hasAsciiSubjects } = source;
  switch (name) {
    case SUB:
      return hasAsciiSubjects === true || grammar.anyTextAfter === null
        ? { kind: 'claim', claim: SUB }
        : { kind: 'claim', claim: SUB, anyTextAfter: grammar.anyTextAfter };
    // These two differ only if a token has an `azp`. Tokens of CI systems have none.
    case AUD:
    case OAUD:
      if (audiences === 'any') return { kind: 'claim', claim: name, anyTextAfter: '' };
      if (audiences === null) return { kind: 'unknown', isPresent: true };
      return audiences.every(isAscii)
        ? { kind: 'claim', claim: AUD }
        : { kind: 'claim', claim: AUD, anyTextAfter: '' };
    case 'amr':
    case 'email':
      return { kind: 'unknown' };
  }
  const provided = grammar.keys.get(name);
  if (provided !== undefined) {
    const { claim } = provided;
    const optional = isOptional(grammar, claim);
    return { kind: 'claim', claim, ...(optional ? { optional } : {}), ...textOf(source, claim) };
  }
  return grammar.uncertainKeys.has(name) ? { kind: 'unknown' } : { kind: 'missing' };
}

const textOf = (
  { grammar, hasAsciiSubjects }: TokenSource,
  claim: Claim,
): { readonly anyTextAfter?: string } => {
  const positions = grammar.claims.get(claim)?.field.positions ?? [];
  const isAnyText = positions.some(({ characters }) => typeof characters === 'object' && characters.isOpen);
  return isAnyText && hasAsciiSubjects !== true ? { anyTextAfter: '' } : {};
};

/** Whether a form of token lacks it. */
const isOptional = ({ forms, claims }: IssuerGrammar, claim: Claim): boolean =>
  claims.get(claim)?.optional === true || forms.some(({ without }) => without.includes(claim));

/** A position of the texts that a search reads, with the claims that it is a part of. */
export interface ShapePart extends Position {
  readonly claims: readonly Claim[];
}

/** The texts that a search reads: the subject, then the claims beside it that a condition tests. */
export interface Shape {
  readonly form: TokenForm;
  readonly parts: readonly ShapePart[];
  /** How many of the parts are the subject. */
  readonly subjectLength: number;
  /** The claims that tokens of this shape have, as far as they are read. */
  readonly present: ReadonlySet<Claim>;
}

/** The options of a shape. */
export interface ShapeOptions {
  /** The claims that conditions test. */
  readonly asked: ReadonlySet<Claim>;
  /**
   * `unnamed`: fields that say which workload it is have a value that no policy means. `usual`: they begin as ordinary ones
   * do.
   */
  readonly fields?: 'unnamed' | 'usual';
  /** With `unnamed`: only the field of this claim. */
  readonly only?: Claim;
}

/** The shapes of one form: with and without each claim that only some tokens have and a condition tests. */
export function shapesOf(
  source: TokenSource,
  form: TokenForm,
  { asked, fields, only }: ShapeOptions,
): readonly Shape[] {
  const positionsOf = (segment: Segment, isSubject: boolean): readonly ShapePart[] => {
    const claims = isSubject ? [SUB, ...segment.claims] : segment.claims;
    if ('literal' in segment) return literalParts(segment.literal, claims);
    const { positions, unnamed, usualBeginning } = segment.field;
    const isAbout = only === undefined || claims.includes(only);
    if (fields === 'unnamed' && unnamed !== null && isAbout) return literalParts(unnamed, claims);
    const beginning = fields === 'usual' ? usualBeginning : undefined;
    return beginning === undefined
      ? positions.map((position) => ({ ...position, claims }))
      : [
          ...literalParts(beginning, claims),
          ...positions
            .filter(({ characters }) => typeof characters === 'object')
            .map((position) => ({ ...position, claims })),
        ];
  };
  const subject = form.subject.flatMap((segment) => positionsOf(segment, true));
  const tied = new Set(form.subject.flatMap(({ claims }) => claims));
  const free = [...freeClaims(source)].filter(([claim]) => asked.has(claim) && !tied.has(claim));
  const beside = free.filter(([claim]) => !form.without.includes(claim));
  const always = beside.filter(([, { optional }]) => !optional);
  return subsets(beside.filter(([, { optional }]) => optional)).map((optional) => {
    const present = [...always, ...optional];
    const parts = [
      ...subject,
      ...present.flatMap(([claim, { field }]) =>
        positionsOf({ field: form.fields?.get(claim) ?? field, claims: [claim] }, false),
      ),
    ];
    return {
      form,
      subjectLength: subject.length,
      parts,
      present: new Set(parts.flatMap(({ claims }) => claims)),
    };
  });
}

const literalParts = (literal: string, claims: readonly Claim[]): readonly ShapePart[] =>
  Array.from(literal, (characters) => ({ characters, repeat: false, claims }));

/** Claims beside the subject, those that the caller chooses included. */
export const freeClaims = ({ grammar, audiences }: TokenSource): ReadonlyMap<Claim, FreeClaim> =>
  new Map([
    ...grammar.claims,
    ...(audiences === 'any'
      ? [AUD, OAUD].map((claim) => [claim, { field: ANY_TEXT, optional: false }] as const)
      : []),
    [SESSION, { field: CALLERS_TEXT, optional: false }],
    [SOURCE_IDENTITY, { field: CALLERS_TEXT, optional: true }],
  ]);

/** Few claims are optional, and a policy seldom tests more than one of them. */
const subsets = <T>(entries: readonly T[]): readonly (readonly T[])[] =>
  entries.reduce<readonly (readonly T[])[]>(
    (sets, entry) => [...sets, ...sets.map((set) => [...set, entry])],
    [[]],
  );

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
const SESSION_ALPHABET = closed('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+=,.@-');

/** A RoleSessionName: two characters or more. */
const CALLERS_TEXT = {
  positions: [false, false, true].map((repeat) => ({ characters: SESSION_ALPHABET, repeat })),
  unnamed: null,
};

/** At least one character. */
export const ANY_TEXT: Field = {
  positions: [
    { characters: PRINTABLE, repeat: false },
    { characters: PRINTABLE, repeat: true },
  ],
  unnamed: null,
};

/** The RoleSessionName alone, of a request with a token of which nothing is known. */
export const SESSION_PARTS: readonly ShapePart[] = CALLERS_TEXT.positions.map((position) => ({
  ...position,
  claims: [SESSION],
}));

/** STS accepts no longer one. */
export const MAX_SESSION_NAME = 64;

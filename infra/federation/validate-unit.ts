/** Validates one unit of the trust of an OidcRole, and makes the conditions of its statement. */
import type { aws_iam as iam } from 'aws-cdk-lib';
import type { IssuerGrammar } from '../../lambda/iam-policy/grammar';
import { quote } from '../../lambda/text/quote';
import { subjectsWith, whyImpossible } from './subjects';
import type { Wanted } from './subjects';
import { NAME, REF, refusalsFor } from './validate-text';
import type { Refusal } from './validate-text';
import type { Id, Part, Unit, Workloads } from './vendors';

/** The problems of a unit: one line each, beginning with the prop. */
export function problemsOfUnit(
  { at, parts, ids, workloads }: Unit,
  grammar: IssuerGrammar,
): readonly string[] {
  return [
    ...parts.flatMap((part) => problemsOfPart(`${at}.${part.prop}`, part, grammar)),
    ...ids.flatMap((id) => problemsOfId(`${at}.${id.prop}`, id, grammar)),
    ...problemsOfWorkloads(`${at}.${workloads.prop}`, workloads, grammar),
  ];
}

function problemsOfPart(
  at: string,
  { written, values, refusals = [] }: Omit<Part, 'prop'>,
  grammar: IssuerGrammar,
): readonly string[] {
  const problems = refusalsFor(at, written, [...NAME, ...refusals]);
  if (problems.length > 0) return problems;
  const [why] = values.flatMap(([name, value]) => whyImpossible(grammar, name, value) ?? []);
  return why === undefined ? [] : [`${at}: ${quote(written)} ${why}.`];
}

function problemsOfId(
  at: string,
  { key, value, kind, required }: Id,
  grammar: IssuerGrammar,
): readonly string[] {
  const isSupported = grammar.keys.has(key);
  if (value === undefined) return isSupported && required !== null ? [`${at}: is missing. ${required}`] : [];
  if (!isSupported) {
    return [
      `${at}: AWS STS has no condition key for it with ${grammar.nouns.vendor}, so all logins would fail. Remove it.`,
    ];
  }
  return refusalsFor(at, value, [
    { holds: (text) => whyImpossible(grammar, key, text) !== null, words: `is not ${kind}.` },
  ]);
}

function problemsOfWorkloads(at: string, workloads: Workloads, grammar: IssuerGrammar): readonly string[] {
  const { kind, name } = workloads;
  const values = [...new Set(workloads.values)];
  if (values.length === 0) return [`${at}: is empty, so all logins would fail. ${EMPTY[kind]}`];
  return values.flatMap((value) =>
    kind === 'name'
      ? problemsOfPart(at, { written: value, values: [[name, value]] }, grammar)
      : refusalsFor(at, value, [...REFUSALS[kind], inNoToken(workloads, grammar)]),
  );
}

type WordsByKind = Readonly<Record<Workloads['kind'], string>>;

const EMPTY: WordsByKind = {
  ref: 'Name each ref, or refs/heads/* for every branch.',
  'short ref': 'Name each ref, or * for every one.',
  word: 'Name at least one.',
  name: 'Name at least one.',
};

const REFUSALS: Readonly<Record<'ref' | 'short ref' | 'word', readonly Refusal[]>> = {
  ref: REF,
  'short ref': [
    {
      holds: (text) => text === '' || text.startsWith('refs/'),
      words: 'is not the name of a branch or tag. Write it as in the token, without refs/heads/: main.',
    },
    ...REF.map(({ holds, words }) => ({ holds: (text: string) => holds(`refs/heads/${text}`), words })),
  ],
  word: [],
};

const IN_NO_TOKEN: WordsByKind = {
  ref: 'is neither a branch nor a tag. Write refs/heads/main or refs/tags/v1.',
  'short ref': 'is in no token. Write branch or tag as refType.',
  word: 'is in no token. Write plan or apply.',
  name: 'is in no token.',
};

const inNoToken = (workloads: Workloads, grammar: IssuerGrammar): Refusal => ({
  holds: (value) => subjectsWith(grammar, wantedOf(workloads, new Map(), value)).length === 0,
  words: IN_NO_TOKEN[workloads.kind],
});

const wantedOf = ({ name, form }: Workloads, values: ReadonlyMap<string, string>, value: string): Wanted => ({
  values: new Map([...values, [name, value]]),
  required: name,
  form,
});

/** What the statements of a role have in common. */
export interface Shared {
  readonly prefix: string;
  readonly audience: string;
  readonly grammar: IssuerGrammar;
}

/** All must hold, and a key that a token lacks fails. A `*` is in no value but at the end of a ref, or in what nobody chooses. */
export function conditionsOf(
  { parts, ids, workloads }: Unit,
  { prefix, audience, grammar }: Shared,
): iam.Conditions {
  const given = ids.flatMap(({ key, value }) => (value === undefined ? [] : [[key, value] as const]));
  const values = new Map([...parts.flatMap((part) => part.values), ...given]);
  const subjects = workloads.values.flatMap((value) =>
    subjectsWith(grammar, wantedOf(workloads, values, value)),
  );
  const [only = '', ...others] = [...new Set(subjects)];
  const sub = { [`${prefix}:sub`]: others.length === 0 ? only : [only, ...others] };
  const isPattern = subjects.some((subject) => subject.includes('*'));
  return {
    StringEquals: {
      [`${prefix}:aud`]: audience,
      ...(isPattern ? {} : sub),
      ...Object.fromEntries(given.map(([key, value]) => [`${prefix}:${key}`, value])),
    },
    ...(isPattern ? { StringLike: sub } : {}),
  };
}

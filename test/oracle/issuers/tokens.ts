/** Random tokens of a kind of issuer. With a policy at hand, those that it may let in by mistake. */
import { randomFrom } from '../../support/random';
import type { Random } from '../../support/random';
import { uuid } from '../provider';
import type { IssuerCase } from './policies';
import { UUID, WORLDS } from './world';
import type { IssuerKind, Token } from './world';

/** What a policy says, by which tokens near to it are made. */
export interface Near {
  /** Those that the policy names, and others that match its wildcards. */
  readonly tenants: readonly string[];
  /** In the same way. */
  readonly units: readonly string[];
  /** Of branches and environments: the pieces of the policy. */
  readonly refs: readonly string[];
  /** Of the provider; null: all. */
  readonly audiences: readonly string[] | null;
}

const REFS = ['main', 'main', 'release', 'prod', 'v1.2', 'feature/x', 'main-evil'] as const;

/** A token of some tenant and unit. */
export function randomToken(random: Random, kind: IssuerKind, near?: Near): Token {
  const world = WORLDS[kind];
  const pick = (
    all: readonly [string, ...string[]],
    other: readonly string[] | undefined,
    share: number,
  ): string => {
    const [first, ...rest] = other ?? [];
    return first !== undefined && random.chance(share) ? random.pick([first, ...rest]) : random.pick(all);
  };
  const tenant = pick(world.tenants, near?.tenants, 0.5);
  return world.mint({
    tenant,
    unit: pick(world.units, near?.units, 0.5),
    name: pick(REFS, near?.refs, 0.3),
    // A job can choose the audience of somebody else, unless the issuer decides on it.
    audience: pick(world.audiences(tenant), near?.audiences ?? undefined, 0.9),
    random,
  });
}

/** Reads the condition values of a policy. */
export function nearTo({ kind, text, audiences }: Pick<IssuerCase, 'kind' | 'text' | 'audiences'>): Near {
  const world = WORLDS[kind];
  const values = textsIn(text);
  const pieces = values.flatMap((value) =>
    value.split('*').map((piece) => piece.replace(/^[:/@]+|[:/@]+$/g, '')),
  );
  const parts = values.flatMap((value) => value.split(/[:/@{}]/));
  const random = randomFrom(text);
  const made = parts.flatMap((part) => [...namesOf(part), ...idsOf(part, random)]);
  const near = (pool: readonly string[]): readonly string[] => [
    ...new Set([...pool.filter((name) => parts.includes(name)), ...made]),
  ];
  return {
    tenants: near(world.tenants),
    units: near(world.units),
    refs: [...new Set(pieces.flatMap((piece) => [piece, piece.replace(/^refs\/(heads|tags)\//, '')]))].filter(
      isRef,
    ),
    audiences,
  };
}

/** Names that match a part with wildcards. */
const namesOf = (part: string): readonly string[] =>
  /[*?]/.test(part) && part !== '*'
    ? ['', '-evil', 'zz', 'a']
        .map((filling) => part.replaceAll('*', filling).replaceAll('?', 'q').toLowerCase())
        .filter((name) => /^[a-z0-9]+([.-][a-z0-9]+)*$/.test(name))
    : [];

/** An id that matches a part with wildcards. */
function idsOf(part: string, random: Random): readonly string[] {
  const [before = '', ...after] = part.toLowerCase().split('*');
  const end = after.at(-1) ?? '';
  const other = uuid(random);
  const whole =
    after.length === 0 ? before : before + other.slice(before.length, other.length - end.length) + end;
  const id = Array.from(whole, (character, at) => (character === '?' ? (other[at] ?? '0') : character)).join(
    '',
  );
  return UUID.test(id) ? [id] : [];
}

/** https://git-scm.com/docs/git-check-ref-format */
const isRef = (text: string): boolean =>
  text !== '' && !/[ ~^:?*[\\]|\.\.|@\{|\/\/|^\/|\/$|\.$|\.lock$/.test(text);

/** All texts below the conditions of a policy. None if it is no JSON. */
export function textsIn(text: string): readonly string[] {
  try {
    const policy: unknown = JSON.parse(text);
    return textsBelow(policy, false);
  } catch {
    return [];
  }
}

function textsBelow(value: unknown, isCondition: boolean): readonly string[] {
  if (typeof value !== 'object' || value === null) return isCondition ? [String(value)] : [];
  return Object.entries(value).flatMap(([name, inner]) =>
    textsBelow(inner, isCondition || name === 'Condition'),
  );
}

/** Logins to try a policy with: built from the policy's own values, from small changes to its ids, and at random. */
import type { Random } from '../support/random';
import type { Glob } from './glob';
import { canApply } from './oracle';
import type { ReadPolicy, Rule, Wanted } from './oracle';
import { subjectOf, uuid } from './provider';
import type { LoginRequest, Provider } from './provider';

/** The content of a subject, character by character. `text`: one character or more. */
interface Slot {
  readonly is: 'hex' | 'text' | { readonly exactly: string };
  readonly part: 'org' | 'project' | null;
}

const exactly = (text: string, part: Slot['part'] = null): readonly Slot[] =>
  Array.from(text, (character) => ({ is: { exactly: character }, part }));
const id = (part: Slot['part']): readonly Slot[] =>
  [8, 4, 4, 4, 12].flatMap((length, index) => [
    ...exactly(index === 0 ? '' : '-', part),
    ...Array.from({ length }, (): Slot => ({ is: 'hex', part })),
  ]);
const TEXT: Slot = { is: 'text', part: null };

const slotsOf = ({ org }: Provider, version: 'V1' | 'V2'): readonly Slot[] => [
  ...exactly('org/'),
  ...(org === null ? id('org') : exactly(org, 'org')),
  ...exactly('/project/'),
  ...id('project'),
  ...exactly('/user/'),
  ...id(null),
  ...(version === 'V1' ? [] : [...exactly('/vcs-origin/'), TEXT, ...exactly('/vcs-ref/refs/'), TEXT]),
];

/** A value that the whole subject must match, or the project id in it. */
interface Goal {
  readonly claim: 'sub' | 'project';
  readonly glob: Glob;
}

/** A goal, and the number of slots before its claim ends. */
interface Reader extends Goal {
  readonly end: number;
}

interface Step {
  readonly slot: number;
  /** Whether the slot, a `text`, has a character already. */
  readonly isBegun: boolean;
  readonly text: string;
  /** The possible positions of each goal in its glob. */
  readonly at: readonly (readonly number[])[];
}

/** So that a policy made of wildcards takes no time. */
const MAX_STEPS = 3_000;

/** A random subject of a form that meets all goals; null if there is none, or none was found. */
function subjectFor(slots: readonly Slot[], wanted: readonly Goal[], random: Random): string | null {
  const endOfProject = slots.findLastIndex(({ part }) => part === 'project') + 1;
  const goals = wanted.map((goal): Reader => ({
    ...goal,
    end: goal.claim === 'sub' ? slots.length : endOfProject,
  }));
  const open: Step[] = [
    { slot: 0, isBegun: false, text: '', at: goals.map(({ glob }) => skipText(glob, [0])) },
  ];
  const known = new Set<string>();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const step = afterExactly(next, slots, goals);
    const slot = slots[step.slot];
    if (!isPossible(step, goals)) continue;
    if (slot === undefined) return step.text;
    const key = `${step.slot} ${step.isBegun} ${step.at.join(' ')}`;
    if (known.has(key)) continue;
    if (known.size > MAX_STEPS) return null;
    known.add(key);
    const going = charactersFor(slot, step.at, goals, random).map((character) =>
      advance(step, { slot, character }, goals),
    );
    const leaving = step.isBegun ? [{ ...step, slot: step.slot + 1, isBegun: false }] : [];
    open.push(...(random.chance(0.5) ? [...leaving, ...going] : [...going, ...leaving]));
  }
  return null;
}

const reads = ({ claim }: Goal, slot: Slot): boolean => claim === 'sub' || slot.part === 'project';

/** Continues as long as there is no choice. */
function afterExactly(begin: Step, slots: readonly Slot[], goals: readonly Reader[]): Step {
  let step = begin;
  for (let slot = slots[step.slot]; typeof slot?.is === 'object'; slot = slots[step.slot]) {
    if (!isPossible(step, goals)) return step;
    step = advance(step, { slot, character: slot.is.exactly }, goals);
  }
  return step;
}

/** No goal has failed: not in the middle, and not at the end of what it reads. */
const isPossible = ({ slot, at }: Step, goals: readonly Reader[]): boolean =>
  goals.every(({ glob, end }, index) => {
    const places = at[index] ?? [];
    return slot >= end ? places.includes(glob.parts.length) : places.length > 0;
  });

const isText = (part: Glob['parts'][number] | undefined): boolean =>
  typeof part === 'object' && part.any === 'text';

/** Any text may be no text. */
function skipText({ parts }: Glob, places: readonly number[]): readonly number[] {
  if (!places.some((place) => isText(parts[place]))) return places;
  const all = new Set(places);
  for (const place of all) if (isText(parts[place])) all.add(place + 1);
  return [...all].sort((one, other) => one - other);
}

function advance(
  step: Step,
  { slot, character }: { readonly slot: Slot; readonly character: string },
  goals: readonly Goal[],
): Step {
  const isLong = slot.is === 'text';
  return {
    slot: isLong ? step.slot : step.slot + 1,
    isBegun: isLong,
    text: step.text + character,
    at: goals.map((goal, index) => {
      const places = step.at[index] ?? [];
      if (!reads(goal, slot)) return places;
      const { parts, ignoreCase } = goal.glob;
      const given = ignoreCase ? character.toUpperCase().toLowerCase() : character;
      const next = places.flatMap((place) => {
        const part = parts[place];
        if (isText(part)) return [place];
        return part === given || (typeof part === 'object' && part.any === 'character') ? [place + 1] : [];
      });
      return skipText(goal.glob, next);
    }),
  };
}

/** The possible characters of a slot. The last is tried first. */
function charactersFor(
  slot: Slot,
  at: Step['at'],
  goals: readonly Goal[],
  random: Random,
): readonly string[] {
  if (typeof slot.is === 'object') return [slot.is.exactly];
  const wanted = goals.flatMap((goal, index) =>
    reads(goal, slot)
      ? (at[index] ?? []).flatMap((place) => {
          const part = goal.glob.parts[place];
          if (typeof part !== 'string') return [];
          if (!goal.glob.ignoreCase) return [part];
          return [part, part.toUpperCase(), ...(part === 's' ? ['ſ'] : [])];
        })
      : [],
  );
  const allowed = [...new Set(wanted)].filter((character) =>
    slot.is === 'hex' ? /^[0-9a-f]$/.test(character) : character !== '*' && character !== '?',
  );
  const ordinary = slot.is === 'hex' ? random.between(0, 15).toString(16) : random.pick(LETTERS);
  const all = random.chance(0.5) ? [...allowed.reverse(), ordinary] : [...allowed, ordinary];
  return random.chance(0.3) ? all.reverse() : all;
}

const LETTERS: readonly [string, ...string[]] = ['a', 'q', 'x', 'z', '7', '-', '/'];

const SOURCES: readonly [string, ...string[]] = [
  '',
  '/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main',
  '/vcs-origin/git.invalid/fork/app/vcs-ref/refs/heads/main',
  '/vcs-origin/github.com/acme/app/vcs-ref/refs/tags/v1.2',
];

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

/** So many logins of a policy. The later ones differ from the earlier ones. */
export function* logins(
  policy: ReadPolicy,
  provider: Provider,
  amount: number,
  random: Random,
): Generator<LoginRequest> {
  const allowing = policy.rules.filter((rule) => rule.effect !== 'Deny' && canApply(rule));
  const [first, ...others] = allowing;
  if (first === undefined) return;
  const [older, newer] = [slotsOf(provider, 'V1'), slotsOf(provider, 'V2')];
  const ids = policy.rules.flatMap(({ values }) => values.flatMap((value) => value.match(UUID) ?? []));
  for (let count = 0; count < amount; count += 1) {
    const sub =
      count % 4 === 3
        ? ordinarySubject(provider, ids, random)
        : subjectFor(
            random.pick([older, newer]),
            goalsOf(policy, random.pick([first, ...others]), random),
            random,
          );
    if (sub !== null) yield* loginsWith(policy, provider, sub);
  }
}

/** The logins that differ in what a caller chooses beside the token. None if CircleCI signs no such token. */
export function* loginsWith(policy: ReadPolicy, provider: Provider, sub: string): Generator<LoginRequest> {
  const parts = subjectOf(provider, sub);
  if (parts === null) return;
  for (const aud of provider.audiences ?? [null]) yield* chosen(policy, { sub, ...parts, aud });
}

/** Logins with a token that is not of CircleCI. */
export const strangers = (policy: ReadPolicy): Generator<LoginRequest> =>
  chosen(policy, { sub: 'amzn1.account.A', org: '', project: '', aud: null });

function* chosen(
  policy: ReadPolicy,
  token: Pick<LoginRequest, 'sub' | 'org' | 'project' | 'aud'>,
): Generator<LoginRequest> {
  const asksForAddress = policy.rules.some(({ checks }) => checks.some(({ isAddress }) => isAddress));
  for (const sessionName of sessionNames(policy)) {
    yield { ...token, sessionName, network: 'IPv4' };
    if (asksForAddress) yield { ...token, sessionName, network: 'IPv6' };
  }
}

/** One value of each condition of an Allow statement, and of some statements that would deny it otherwise. */
function goalsOf({ rules }: ReadPolicy, allowing: Rule, random: Random): readonly Goal[] {
  const denying = rules.filter(({ effect, isUnreadable }) => effect === 'Deny' && !isUnreadable);
  const wanted = [
    ...wantedOf(allowing).filter(({ isNegated }) => !isNegated),
    ...denying.flatMap((rule) => {
      const ways = wantedOf(rule).filter(({ isNegated }) => isNegated);
      const [first, ...others] = ways;
      return first === undefined || random.chance(0.4) ? [] : [random.pick([first, ...others])];
    }),
  ];
  return wanted.flatMap(({ claim, globs: [first, ...others] }) =>
    claim === 'session' || first === undefined ? [] : [{ claim, glob: random.pick([first, ...others]) }],
  );
}

const wantedOf = ({ checks }: Rule): readonly Wanted[] =>
  checks.flatMap(({ wanted }) => (wanted === null ? [] : [wanted]));

/** An ordinary token: of ids that the policy names, of such with another digit, or of any. */
function ordinarySubject({ org }: Provider, ids: readonly string[], random: Random): string {
  const [first, ...others] = ids;
  const near = (): string => {
    if (first === undefined || random.chance(0.3)) return uuid(random);
    const named = random.pick([first, ...others]).toLowerCase();
    if (random.chance(0.3)) return named;
    const place = random.pick([0, 7, 9, 35]);
    return named.slice(0, place) + random.between(0, 15).toString(16) + named.slice(place + 1);
  };
  return `org/${org ?? near()}/project/${near()}/user/${near()}${random.pick(SOURCES)}`;
}

/** Names that the caller can choose: an ordinary one, and those that the policy asks for. */
function sessionNames({ rules }: ReadPolicy): readonly string[] {
  const asked = rules
    .flatMap(wantedOf)
    .filter(({ claim }) => claim === 'session')
    .flatMap(({ globs }) => globs)
    .map(({ parts }) => parts.map((part) => (typeof part === 'string' ? part : 'x')).join(''))
    .filter((name) => /^[\w+=,.@-]{2,64}$/.test(name));
  return [...new Set(['ordinary-session', ...asked])];
}

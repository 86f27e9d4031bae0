/** What should have been alerted or resolved by the end of a run that was recorded, and was not. */
import type { MonitorConfig } from '../../lambda/config/config';
import type { Ledger, Presence } from './ledger';
import type { Change } from './message';
import type { Run } from './run';
import { expiryOf, sightOf } from './sight';
import type { Sight } from './sight';
import type { Dated, ProviderState, Site, World } from './world';

/** Edges and rotations alternate: what was served so recently still counts. */
const WINDOW_MS = 7 * 86_400_000;
const CONFIRMING_RUNS = 2;
const BLIND_RUNS = 3;
const CLEAN_RUNS = 2;

/** A recorded run, and what its messages are compared with. */
export interface Recorded {
  readonly run: Run;
  readonly site: Site;
  readonly world: World;
  readonly config: MonitorConfig;
  readonly ledger: Ledger;
}

/** Saved observations count, also those of runs whose messages had no recipient. */
export function noteSightings(run: Run, site: Site, ledger: Ledger): void {
  const sight = sightOf(run, site);
  if (sight === null || sight.kind === 'unseen') return;
  // What the host serves counts also while the account has no provider.
  for (const top of run.probes.get(site.host)?.tops ?? []) ledger.sightings.set(top, run.startedAt);
}

/** Checks one target at the end of a run that was recorded, and turns its page in the ledger. */
export function lossesAt(recorded: Recorded): readonly string[] {
  const { run, site, ledger, config } = recorded;
  const sight = sightOf(run, site);
  if (sight === null) return [];
  const near = expiryOf(run, site, config.expiryDays);
  const isAccepted = (check: string): boolean =>
    config.accept.some(
      (each) =>
        each.check === check && each.issuer === site.issuer && recorded.world.now < Date.parse(each.until),
    );
  const problems = [
    ...driftAt(recorded, sight, isAccepted('THUMB001')),
    ...streakAt(ledger, 'unknown', sight.kind === 'unseen' ? 'present' : 'absent', BLIND_RUNS),
    ...streakAt(ledger, 'PROV001', missingness(run, site), CONFIRMING_RUNS),
    ...streakAt(
      ledger,
      'CERT001',
      sight.kind === 'unseen' || near === null || isAccepted('CERT001')
        ? 'unseen'
        : near === 'far'
          ? 'absent'
          : 'present',
      CONFIRMING_RUNS,
    ),
    ...listAt(recorded, sight),
    ...keysAt(recorded),
  ];
  return problems.map((problem) => `${site.issuer}: ${problem}`);
}

function missingness({ listing, lists }: Run, { arn }: Site): 'present' | 'absent' | 'unseen' {
  const list = lists.get(arn);
  if (listing == null || list === null) return 'unseen';
  return list === 'missing' || !listing.includes(arn) ? 'present' : 'absent';
}

function streakAt(ledger: Ledger, fact: string, presence: Presence, needed: number): readonly string[] {
  const { present, absent } = ledger.count(fact, presence);
  if (presence === 'present' && present >= needed && !ledger.open.has(fact)) return [`${fact} was not told`];
  return presence === 'absent' && absent >= CLEAN_RUNS && ledger.owed.has(fact)
    ? [`the end of ${fact} was not told`]
    : [];
}

function driftAt({ ledger, world }: Recorded, sight: Sight, isAccepted: boolean): readonly string[] {
  if (sight.kind === 'unseen') return [];
  if (sight.kind === 'missing') return endAt(ledger, 'absent', [...ledger.sightings.keys()]);
  const lately = [...ledger.sightings].filter(([, at]) => world.now - at < WINDOW_MS).map(([top]) => top);
  const gaps = lately.filter((top) => !sight.listed.includes(top));
  const lost = [...ledger.sightings.keys()].flatMap((top) => {
    // What a run counts from the last days it does not find, and what is accepted is not told.
    const isQuiet = isAccepted || !sight.missing.includes(top);
    const presence = !gaps.includes(top) ? 'absent' : isQuiet ? 'unseen' : 'present';
    const { present } = ledger.count(`drift ${top}`, presence);
    return presence === 'present' && present >= CONFIRMING_RUNS && !ledger.open.has(`drift ${top}`)
      ? [`drift to ${top} was not told`]
      : [];
  });
  const presence = gaps.length === 0 ? 'absent' : isAccepted ? 'quiet' : 'present';
  return [...lost, ...endAt(ledger, presence, [])];
}

/** Drift is resolved when nothing is missing, or the list is gone. `ended`: thumbprints that are missed no more. */
function endAt(ledger: Ledger, presence: Presence, ended: readonly string[]): readonly string[] {
  for (const top of ended) ledger.count(`drift ${top}`, 'absent');
  const { absent } = ledger.count('drift', presence);
  const isOwed = [...ledger.owed].some((each) => each.startsWith('drift '));
  return presence === 'absent' && absent >= CLEAN_RUNS && isOwed ? ['the end of drift was not told'] : [];
}

/** Changes by others to the provider, and by the monitor, must be reported by the run that collects them. */
function listAt(recorded: Recorded, sight: Sight): readonly string[] {
  const { run, site, ledger } = recorded;
  const now = run.lists.get(site.arn);
  if (now == null || now === 'missing') return [];
  const before = ledger.read;
  ledger.read = now;
  if (before === null) return [];
  return [
    ...changesAt(recorded, before, now, sight),
    ...now.audiences
      .filter((each) => !before.audiences.includes(each))
      .filter((each) => !ledger.heardOf((change) => isAudience(change, each), before.sequence))
      .map((each) => `the new audience ${each} was not told`),
  ];
}

const isAudience = (change: Change, audience: string): boolean =>
  change.kind === 'audiences' && change.action === 'added' && change.audiences.names.includes(audience);

/** Whether a change names a value of a list. What an update added may have been added by people, too. */
function namesEntry(change: Change, value: string, kinds: readonly Change['kind'][]): boolean {
  if (!kinds.includes(change.kind)) return false;
  if (change.kind === 'list-updated') return change.added.includes(value);
  return 'thumbprints' in change && change.thumbprints.names.includes(value);
}

const ADDED = ['thumbprints-added', 'list-updated'] as const;
const REMOVED = ['thumbprints-removed', 'update-lost'] as const;

function changesAt(
  { run, site, world, ledger }: Recorded,
  before: Dated<ProviderState>,
  now: Dated<ProviderState>,
  sight: Sight,
): readonly string[] {
  const own = world.deeds.flatMap((deed) =>
    deed.kind === 'list' && deed.by === 'monitor' && deed.arn === site.arn && deed.sequence < now.sequence
      ? [{ ...deed, added: deed.after.filter((each) => !deed.before.includes(each)) }]
      : [],
  );
  const ours = own.flatMap(({ added }) => added);
  const path = sight.kind === 'unseen' ? [] : (run.probes.get(site.host)?.path ?? []);
  const strange = now.thumbprints.filter(
    (each) => !before.thumbprints.includes(each) && !ours.includes(each) && !path.includes(each),
  );
  const undone = before.thumbprints.filter((each) => !now.thumbprints.includes(each) && ours.includes(each));
  const isTold = (value: string, kinds: readonly Change['kind'][], since: number): boolean =>
    ledger.heardOf((change) => namesEntry(change, value, kinds), since);
  const unheard = [
    ...strange.filter((each) => !isTold(each, ADDED, before.sequence)),
    ...undone.filter((each) => !isTold(each, REMOVED, before.sequence)),
  ];
  for (const { sequence } of own) if (sequence > before.sequence) ledger.updates.add(sequence);
  // A run knows the updates whose intents were saved before it loaded them. A later one must report the others.
  const unsaid = own
    .filter(({ sequence }) => sequence < run.intentsLoadedAt && ledger.updates.delete(sequence))
    .flatMap(({ added, sequence }) =>
      added.filter((each) => !isTold(each, ['list-updated', ...REMOVED], sequence)),
    );
  return [
    ...unheard.map((each) => `the change of ${each} was not told`),
    ...unsaid.map((each) => `the update to ${each} was not told`),
  ];
}

/** A key is new, or gone, when two recorded runs in a row say so. The first set is no change. */
function keysAt({ run, site, ledger }: Recorded): readonly string[] {
  const now = run.kids.get(site.issuer);
  if (now == null || now.length === 0) return [];
  const isFirst = ledger.kids.size === 0;
  for (const kid of new Set([...now, ...ledger.kids.keys()])) {
    const { seen, isKnown } = ledger.kids.get(kid) ?? { seen: 0, isKnown: isFirst };
    const missed = now.includes(kid) ? 0 : (ledger.kids.get(kid)?.missed ?? 0) + 1;
    ledger.kids.set(kid, { seen: now.includes(kid) ? seen + 1 : seen, missed, isKnown });
  }
  return [...ledger.kids].flatMap(([kid, { seen, missed, isKnown }]) => {
    const isNew = !isKnown && missed === 0 && seen >= CONFIRMING_RUNS;
    const isGone = isKnown && missed >= CONFIRMING_RUNS;
    if (isNew) ledger.kids.set(kid, { seen, missed, isKnown: true });
    if (missed >= CONFIRMING_RUNS) ledger.kids.delete(kid);
    const isTold = ledger.heardOf((change) => namesKey(change, kid, isGone ? 'removed' : 'added'), 0);
    return (isNew || isGone) && !isTold ? [`the change of ${kid} was not told`] : [];
  });
}

const namesKey = (change: Change, kid: string, part: 'added' | 'removed'): boolean =>
  change.kind === 'keys' && change[part].names.some((key) => key.kid === kid);

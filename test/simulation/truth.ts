/** Whether a message was true: each event is compared with what its run could know, and with what was ever done. */
import type { MonitorConfig } from '../../lambda/config/config';
import type { Event } from './message';
import type { Run } from './run';
import { expiryOf, sightOf } from './sight';
import type { Sight } from './sight';
import type { Deed, Site, World } from './world';

/** What a claim is compared with. `since`: what people did before is no change any more. */
export interface Witness {
  readonly run: Run;
  readonly world: World;
  readonly config: MonitorConfig;
  readonly site: Site | null;
  readonly since: number;
}

/** Null if it is true, else why it is not. */
export function falsehoodIn(event: Event, witness: Witness): string | null {
  const [kind = '', due = ''] = event.eventType.split('.');
  const isOver = due === 'resolved';
  const problems = judges[kind]?.(event, witness, isOver) ?? [`there is no rule for ${event.eventType}`];
  const [first] = problems;
  return first === undefined ? null : `${event.eventType} of ${event.issuer ?? 'account'}: ${first}`;
}

type Judge = (event: Event, witness: Witness, isOver: boolean) => readonly string[];

const unless = (truth: boolean, otherwise: string): readonly string[] => (truth ? [] : [otherwise]);

const sightIn = ({ run, site }: Witness): Sight | null => (site === null ? null : sightOf(run, site));
const lacks = (sight: Sight | null): boolean => sight?.kind === 'seen' && sight.missing.length > 0;

const judges: Readonly<Record<string, Judge>> = {
  drift: (_, witness, isOver) => {
    const sight = sightIn(witness);
    return isOver
      ? // A list ends with its provider.
        unless(
          sight?.kind === 'missing' || (sight?.kind === 'seen' && !lacks(sight)),
          'the list does not cover what is served',
        )
      : unless(lacks(sight), 'the run saw no drift');
  },
  unknown: (_, witness, isOver) => {
    const { run } = witness;
    const sight = sightIn(witness);
    const isBlind = witness.site === null ? run.isBlind || !run.isRemembering : sight?.kind === 'unseen';
    return unless(isBlind !== isOver, isOver ? 'the run could not see it' : 'the run saw it');
  },
  finding: ({ findings }, witness, isOver) =>
    findings.flatMap(({ check, message }) =>
      isOver
        ? over(check, witness)
        : (facts[check]?.(message, witness) ?? [`nobody expects ${check}: ${message}`]),
    ),
  keys: ({ findings }, { run, site, world }) =>
    findings.flatMap(({ message }) => {
      const now = run.kids.get(site?.issuer ?? '') ?? [];
      const [added = '', removed = ''] = message.split('Removed:');
      return [
        ...kidsIn(added).flatMap((kid) => unless(world.signed.has(kid), `${kid} was never published`)),
        ...kidsIn(removed).flatMap((kid) => unless(!now.includes(kid), `${kid} is still published`)),
      ];
    }),
  updated: ({ findings }, witness) =>
    findings.flatMap(({ message }) => {
      const [added = ''] = message.split(' to the list');
      // Of an update that a run began and never confirmed, it says that the monitor or someone else made it.
      const isOpen = message.includes('or someone else');
      return thumbprintsIn(added).flatMap((each) =>
        unless(
          wasAdded(each, witness, 'monitor', 0) || (isOpen && wasAdded(each, witness, 'people', 0)),
          'it wrote nothing',
        ),
      );
    }),
  update: (_, witness) =>
    unless(witness.config.update !== 'off' && lacks(sightIn(witness)), 'there was nothing to write'),
};

const kidsIn = (text: string): readonly string[] => text.match(/(?<=")key-[\w-]+(?=")/g) ?? [];
/** Thumbprints in a text. */
export const thumbprintsIn = (text: string): readonly string[] => text.match(/\b[0-9a-f]{40}\b/g) ?? [];

type Fact = (message: string, witness: Witness) => readonly string[];

const facts: Readonly<Record<string, Fact>> = {
  CERT001: (_, { run, site, config }) => {
    const near = site === null ? null : expiryOf(run, site, config.expiryDays);
    return unless(near === 'soon' || near === 'urgent', 'nothing expires');
  },
  PROV001: (_, { run, site }) =>
    unless(
      site !== null && (run.listing?.includes(site.arn) === false || run.lists.get(site.arn) === 'missing'),
      'it is there',
    ),
  THUMB003: (message, witness) => {
    const sight = sightIn(witness);
    const stale = thumbprintsIn(message);
    return unless(
      sight?.kind === 'seen' &&
        stale.every((each) => sight.listed.includes(each) && !sight.expected.includes(each)),
      'it is served',
    );
  },
  THUMB005: (_, { run, site }) => {
    const list = run.lists.get(site?.arn ?? '');
    return unless(list != null && list !== 'missing' && list.thumbprints.length >= 5, 'the list has room');
  },
  THUMB008: (message, witness) => {
    const values = thumbprintsIn(message);
    // An info finding waits for a message to be attached to.
    const since = /issuer serves it|compared now|from the list\.$/.test(message) ? 0 : witness.since;
    if (message.startsWith('Somebody added'))
      return values.flatMap((each) =>
        unless(wasAdded(each, witness, 'people', since), `nobody added ${each}`),
      );
    if (message.startsWith('Somebody removed'))
      return values.flatMap((each) => unless(wasRemoved(each, witness, since), `nobody removed ${each}`));
    const listed = witness.world.providers.get(witness.site?.arn ?? '')?.thumbprints ?? [];
    return values.flatMap((each) => unless(!listed.includes(each), `${each} is in the list`));
  },
  PROV002: (_, { run, site }) => {
    const list = run.lists.get(site?.arn ?? '');
    return unless(list != null && list !== 'missing' && list.audiences.length > 1, 'there is one audience');
  },
  JWKS001: (_, { run, site }) => unless(!run.kids.get(site?.issuer ?? '')?.length, 'there are keys'),
  PROV006: (message, { world, since }) =>
    unless(
      world.deeds.some(
        (deed) =>
          deed.kind === (/ (is|are) gone /.test(message) ? 'deleted' : 'created') &&
          deed.sequence > since &&
          message.includes(deed.arn),
      ),
      'nobody did it',
    ),
  PROV007: (message, { world, since, site }) => {
    const from = message.startsWith('Somebody removed') ? 0 : since;
    const kinds = ['audiences', 'created', 'deleted'];
    return unless(
      world.deeds.some(
        (deed) =>
          deed.kind !== 'keys' && deed.arn === site?.arn && kinds.includes(deed.kind) && deed.sequence > from,
      ),
      'nobody did it',
    );
  },
  OPS002: (_, { run }) => unless(run.isUnsaved, 'everything was saved'),
  OPS001: (_, { world }) => unless(world.recipients === 0, 'somebody listens'),
};

function over(check: string, witness: Witness): readonly string[] {
  const { run, site, config, world } = witness;
  if (check === 'CERT001')
    return unless(site !== null && expiryOf(run, site, config.expiryDays) === 'far', 'it still expires');
  if (check === 'PROV001') return unless(run.lists.get(site?.arn ?? '') != null, 'it is still gone');
  if (check === 'OPS001') return unless(world.recipients > 0, 'still nobody listens');
  return unless(sightIn(witness)?.kind !== 'unseen', 'the run could not see it');
}

const ofList = (deed: Deed, arn: string | undefined): deed is Extract<Deed, { kind: 'list' }> =>
  deed.kind === 'list' && deed.arn === arn;

const wasAdded = (
  value: string,
  { world, site }: Witness,
  by: 'people' | 'monitor',
  since: number,
): boolean =>
  world.deeds.some((deed) =>
    ofList(deed, site?.arn)
      ? deed.by === by && deed.sequence > since && deed.after.includes(value) && !deed.before.includes(value)
      : by === 'people' && deed.kind === 'created' && deed.arn === site?.arn && deed.sequence > since,
  );

const wasRemoved = (value: string, { world, site }: Witness, since: number): boolean =>
  world.deeds.some((deed) =>
    ofList(deed, site?.arn)
      ? deed.sequence > since && deed.before.includes(value) && !deed.after.includes(value)
      : deed.kind === 'deleted' && deed.arn === site?.arn && deed.sequence > since,
  );

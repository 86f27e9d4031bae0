/** Whether somebody did what a message calls a change, by the facts of the change. */
import { isDeepStrictEqual } from 'node:util';
import type { Change, ChangeOf } from './message';
import { unless } from './witness';
import type { Witness } from './witness';
import type { Deed } from './world';

/** A change of an expected kind is compared with what was done. */
export function falsehoodsOf(
  expected: Change['kind'] | readonly Change['kind'][],
  change: Change | undefined,
  witness: Witness,
): readonly string[] {
  if (change === undefined) return ['it has no facts of a change'];
  if (![expected].flat().includes(change.kind)) return [`nobody expects ${change.kind} here`];
  return changeIn(change, witness);
}

function changeIn(change: Change, witness: Witness): readonly string[] {
  const { world, run, site, since } = witness;
  switch (change.kind) {
    case 'thumbprints-added': {
      // An info finding waits for a message to be attached to.
      const from = change.comparison === 'served' || change.isLater ? 0 : since;
      return change.thumbprints.names.flatMap((each) =>
        unless(wasAdded(each, witness, 'people', from), `nobody added ${each}`),
      );
    }
    case 'thumbprints-removed':
      return change.thumbprints.names.flatMap((each) =>
        unless(wasRemoved(each, witness, change.isOwn ? since : 0), `nobody removed ${each}`),
      );
    case 'update-lost': {
      const listed = world.providers.get(site?.arn ?? '')?.thumbprints ?? [];
      return change.thumbprints.names.flatMap((each) =>
        unless(!listed.includes(each), `${each} is in the list`),
      );
    }
    case 'list-updated':
      return updateIn(change, witness);
    case 'keys': {
      const now = run.kids.get(site?.issuer ?? '') ?? [];
      return [
        ...change.added.names.flatMap(({ kid }) =>
          unless(world.signed.has(kid), `${kid} was never published`),
        ),
        ...change.removed.names.flatMap(({ kid }) => unless(!now.includes(kid), `${kid} is still published`)),
      ];
    }
    case 'providers':
      return change.providers.names.flatMap((arn) =>
        unless(
          world.deeds.some(
            (deed) => deed.kind === change.action && deed.sequence > since && deed.arn === arn,
          ),
          'nobody did it',
        ),
      );
    case 'audiences': {
      const from = change.action === 'removed' ? 0 : since;
      const kinds = ['audiences', 'created', 'deleted'];
      return unless(
        world.deeds.some(
          (deed) =>
            deed.kind !== 'keys' &&
            deed.arn === site?.arn &&
            kinds.includes(deed.kind) &&
            deed.sequence > from,
        ),
        'nobody did it',
      );
    }
  }
}

/** Only a run that wrote the list may call it an update by the monitor. */
function updateIn({ by, added, list }: ChangeOf<'list-updated'>, witness: Witness): readonly string[] {
  const { world, run, site } = witness;
  if (by === 'monitor') {
    const isOwn = world.deeds.some(
      (deed) => ofList(deed, site?.arn) && deed.by === 'monitor' && isDeepStrictEqual(deed.after, list),
    );
    return unless(isOwn && run.wrote > 0, 'it wrote nothing');
  }
  return added.flatMap((each) =>
    unless(
      wasAdded(each, witness, 'monitor', 0) || wasAdded(each, witness, 'people', 0),
      `nobody added ${each}`,
    ),
  );
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

/** Whether a message was true: each event is compared with what its run could know, and with what was ever done. */
import { falsehoodsOf } from './changes';
import { unless } from './witness';
import type { Witness } from './witness';
import type { Event, Finding } from './message';
import { expiryOf, sightOf } from './sight';
import type { Sight } from './sight';

/** Null if it is true, else why it is not. */
export function falsehoodIn(event: Event, witness: Witness): string | null {
  const [kind = '', due = ''] = event.eventType.split('.');
  const isOver = due === 'resolved';
  const problems = judges[kind]?.(event, witness, isOver) ?? [`there is no rule for ${event.eventType}`];
  const [first] = problems;
  return first === undefined ? null : `${event.eventType} of ${event.issuer ?? 'account'}: ${first}`;
}

type Judge = (event: Event, witness: Witness, isOver: boolean) => readonly string[];

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
    findings.flatMap((finding) =>
      isOver
        ? over(finding.check, witness)
        : (facts[finding.check]?.(finding, witness) ?? [`nobody expects ${JSON.stringify(finding)}`]),
    ),
  keys: ({ findings }, witness) => findings.flatMap(({ change }) => falsehoodsOf('keys', change, witness)),
  updated: ({ findings }, witness) =>
    findings.flatMap(({ change }) => falsehoodsOf('list-updated', change, witness)),
  update: (_, witness) =>
    unless(witness.config.update !== 'off' && lacks(sightIn(witness)), 'there was nothing to write'),
};

type Fact = (finding: Finding, witness: Witness) => readonly string[];

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
  THUMB003: ({ thumbprints = [] }, witness) => {
    const sight = sightIn(witness);
    return unless(
      sight?.kind === 'seen' &&
        thumbprints.length > 0 &&
        thumbprints.every((each) => sight.listed.includes(each) && !sight.expected.includes(each)),
      'it is served',
    );
  },
  THUMB005: (_, { run, site }) => {
    const list = run.lists.get(site?.arn ?? '');
    return unless(list != null && list !== 'missing' && list.thumbprints.length >= 5, 'the list has room');
  },
  THUMB008: ({ change }, witness) =>
    falsehoodsOf(['thumbprints-added', 'thumbprints-removed', 'update-lost'], change, witness),
  PROV002: (_, { run, site }) => {
    const list = run.lists.get(site?.arn ?? '');
    return unless(list != null && list !== 'missing' && list.audiences.length > 1, 'there is one audience');
  },
  JWKS001: (_, { run, site }) => unless(!run.kids.get(site?.issuer ?? '')?.length, 'there are keys'),
  PROV006: ({ change }, witness) => falsehoodsOf('providers', change, witness),
  PROV007: ({ change }, witness) => falsehoodsOf('audiences', change, witness),
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

/** Whether a write to IAM was right: the rules once more, from the threat model and not from the code. */
import type { MonitorConfig } from '../../lambda/config/config';
import type { Run } from './run';
import { sightOf } from './sight';
import type { Site, World } from './world';

const DAY_MS = 86_400_000;

/** A write as it arrives at IAM. */
export interface Write {
  readonly run: Run;
  readonly site: Site;
  readonly after: readonly string[];
}

/** What is wrong with a write. `firstSeen`: since when every run has collected a thumbprint of an issuer. */
export function wrongsOf(
  { run, site, after }: Write,
  {
    world,
    config,
    firstSeen,
  }: { world: World; config: MonitorConfig; firstSeen: ReadonlyMap<string, number> },
): readonly string[] {
  const before = world.providers.get(site.arn)?.thumbprints ?? [];
  const added = after.filter((each) => !before.includes(each));
  const sight = sightOf(run, site);
  const earlier = world.deeds.flatMap((deed) =>
    deed.kind === 'list' && deed.arn === site.arn ? [deed] : [],
  );
  const own = earlier.filter(({ by }) => by === 'monitor');
  const isHeld = (each: string): boolean =>
    world.now - (firstSeen.get(`${site.issuer} ${each}`) ?? world.now) >= DAY_MS;
  const isUrgent = world.hosts.get(site.host)?.isPublic === false;
  const rules: readonly (readonly [boolean, string])[] = [
    [run.action === 'monitor' && config.update !== 'off', 'updates are off'],
    [before.every((each) => after.includes(each)), 'it removes an entry'],
    [added.length > 0 && added.every((each) => world.tops(site.host).includes(each)), 'nobody serves it'],
    [sight?.kind === 'seen' && sight.isWhole, 'the run did not see everything'],
    [run.isRemembering, 'the run knows nothing of before'],
    [after.length <= 5, 'IAM takes five'],
    [isUrgent || added.every(isHeld), 'it was not seen for a day'],
    [own.every(({ at }) => world.now - at >= DAY_MS), 'the last write was less than a day ago'],
    [
      own.every((deed) => !added.some((each) => deed.after.includes(each) && !deed.before.includes(each))),
      'somebody took it back before',
    ],
  ];
  return rules.filter(([holds]) => !holds).map(([, words]) => `update of ${site.issuer}: ${words}`);
}

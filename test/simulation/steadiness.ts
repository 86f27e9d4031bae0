/** When nothing has changed: an alert stays valid until the world changes. */
import type { Run } from './run';
import { sightOf } from './sight';
import type { Site, World } from './world';

/** Two runs between which this stays the same need not repeat each other's messages. */
export function steadiness(run: Run, site: Site | null, { deeds, recipients }: World): string {
  if (site === null) return JSON.stringify([run.listing, run.isBlind, recipients]);
  const probe = run.probes.get(site.host);
  const done = deeds.filter((deed) =>
    deed.kind === 'keys' ? deed.issuer === site.issuer : deed.arn === site.arn,
  );
  // Without its keys, an issuer is seen as before, and a second outage may be told like the first.
  const hasKeys = run.kids.get(site.issuer) != null;
  return JSON.stringify([sightOf(run, site), probe?.expires, hasKeys, done.at(-1)?.sequence]);
}

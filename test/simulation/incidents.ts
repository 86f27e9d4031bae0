/** What may happen in a world between two runs. */
import { audienceOf, edges, everywhere, HOSTS, SITES } from './setting';
import type { Foundry } from './setting';
import type { Random } from '../support/random';
import type { World } from './world';

/** The input of an incident. */
export interface Hand {
  readonly world: World;
  readonly random: Random;
  readonly foundry: Foundry;
}

/** One kind of incident. */
export type Incident = (hand: Hand) => Promise<void> | void;

const renew: Incident = async ({ world, random, foundry }) => {
  const host = random.pick(HOSTS);
  const now = authorityOf({ world, foundry }, host);
  world.serve(host, {
    edges: everywhere(await foundry.issue(host, now, world.now, random.between(60, 400))),
  });
};

/** A host changes to another authority. */
export const rotate: Incident = async ({ world, random, foundry }) => {
  const host = random.pick(HOSTS);
  const next = authorityOf({ world, foundry }, host) + random.between(1, 2);
  world.serve(host, {
    edges: everywhere(await foundry.issue(host, next, world.now, random.between(60, 400))),
  });
};

const rotateOneEdge: Incident = async ({ world, random, foundry }) => {
  const host = random.pick(HOSTS);
  const now = authorityOf({ world, foundry }, host);
  const [old, young] = await Promise.all([
    foundry.issue(host, now, world.now, 200),
    foundry.issue(host, now + 1, world.now, 200),
  ]);
  world.serve(host, { edges: edges(old, young) });
};

/** Which of its authorities a host uses now. */
function authorityOf(
  { world, foundry }: Pick<Hand, 'world' | 'foundry'>,
  host: (typeof HOSTS)[number],
): number {
  const [top] = world.tops(host);
  return [0, 1, 2].find((each) => foundry.authority(host, each).intermediate.thumbprint === top) ?? 0;
}

const replaceKeys: Incident = ({ world, random }) => {
  const { issuer } = random.pick(SITES);
  const before = world.keys.get(issuer) ?? [];
  const kid = `key-${issuer.slice(-4)}-${world.tick()}`;
  world.sign(issuer, random.chance(0.5) ? [kid] : [...before.slice(-1), kid]);
};

/** People list what is served, as the alert asks them to; some remove the old entries. */
const correct: Incident = ({ world, random }) => {
  for (const { arn, host } of SITES) {
    const listed = world.providers.get(arn)?.thumbprints ?? [];
    const kept = random.chance(0.5) ? listed : [];
    const after = [...new Set([...kept, ...world.tops(host)])];
    if (after.length <= 5 && world.tops(host).some((top) => !listed.includes(top)))
      world.list(arn, after, 'people');
  }
};

const listStrange: Incident = ({ world, random }) => {
  const { arn } = random.pick(SITES);
  const listed = world.providers.get(arn)?.thumbprints ?? [];
  const strange = world.tick().toString(16).padStart(40, 'e');
  if (listed.length < 5) world.list(arn, [...listed, strange], 'people');
};

const unlist: Incident = ({ world, random }) => {
  const { arn } = random.pick(SITES);
  const listed = world.providers.get(arn)?.thumbprints ?? [];
  if (listed.length > 1) world.list(arn, listed.slice(0, -1), 'people');
};

const admit: Incident = ({ world, random }) => {
  const site = random.pick(SITES);
  const { audiences = [] } = world.providers.get(site.arn) ?? {};
  const own = audienceOf(site);
  world.admit(site.arn, audiences.length > 1 ? [own] : [own, `audience-${world.tick()}`]);
};

const deleteProvider: Incident = ({ world, random }) => {
  const { arn } = random.pick(SITES);
  if (world.providers.size === SITES.length) world.remove(arn);
};

const recreate: Incident = ({ world }) => {
  for (const site of SITES) {
    if (!world.providers.has(site.arn))
      world.create(site.arn, { thumbprints: world.tops(site.host), audiences: [audienceOf(site)] });
  }
};

/** All kinds, by how often they happen in a year. */
export const INCIDENTS: readonly (readonly [number, Incident])[] = [
  [24, renew],
  [20, rotate],
  [12, rotateOneEdge],
  [40, replaceKeys],
  [90, correct],
  [12, listStrange],
  [12, unlist],
  [10, admit],
  [6, deleteProvider],
  [40, recreate],
];

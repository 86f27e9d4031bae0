/** `npm run bench`: compares the monitor with alternatives. Exits 1 if a contender gives a wrong answer. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildFunction } from '../infra/build/build';
import { composition } from '../infra/build/composition';
import { measureColdStart } from './cold';
import { goalsOf } from './goals';
import type { Measured } from './goals';
import { measureGrowth } from './growth';
import type { Bench } from './measure';
import { startNetwork } from './network';
import { plot } from './plot';
import { toText } from './report';
import { measureVariants } from './variants';
import { World } from './world';

const OPTIONS = {
  /** Fewer rounds, and no 700 orgs. */
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  /** The Node that runs the functions. */
  node: { type: 'string', default: process.execPath },
  /** The file for the picture of growth. */
  plot: { type: 'string' },
} as const;

/** The round trip of the delayed network, in milliseconds. */
const ROUND_TRIP_MS = 30;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  const folder = mkdtempSync(join(tmpdir(), 'thumbprint-bench-'));
  try {
    const measured = await measureAll(folder, values);
    if (values.plot !== undefined) writeFileSync(values.plot, plot(measured));
    const all = { ...measured, goals: goalsOf(measured) };
    console.log(values.json ? JSON.stringify(all, null, 2) : toText(measured));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One after the other: two at once would measure each other. */
async function measureAll(
  folder: string,
  { node, quick }: { readonly node: string; readonly quick: boolean },
): Promise<Measured> {
  const product = buildFunction();
  // Built as the monitor is, so that only what they do differs.
  const build = (peer: string): string =>
    buildFunction({ entry: join(__dirname, 'peers', `${peer}.ts`), outdir: join(folder, peer) }).entry;
  const bundles = { monitor: product.entry, requests: build('requests'), naive: build('naive') };
  const network = await startNetwork();
  const world = await World.start(network);
  const bench: Bench = { world, folder, node, quick, bundles };
  const issuer = await world.openIssuer({ keyTypes: ['rsa', 'ecdsa'] });
  const coldStart = await measureColdStart(bench, issuer);
  const roundTripMs = await network.setRoundTrip(ROUND_TRIP_MS);
  return {
    roundTripMs,
    growth: await measureGrowth(bench, issuer),
    coldStart,
    variants: await measureVariants(bench, issuer),
    loadedBytes: composition(product).loaded,
  };
}

// The servers would keep the process alive.
main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);

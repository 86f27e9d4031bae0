/**
 * Which certificates of a served chain the deployed bundle proposes and writes: chains in the forms that public and private
 * issuers serve, and those that look alike but end at a certificate that has no trust anchor above it.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';
import type { Chain } from '../../demo/issuer';
import { CARELESS, EXPIRED, authority, cross, family, server, withAnyUsage } from '../support/attack-chains';
import type { Family } from '../support/attack-chains';
import { buildStage, startSite } from '../support/attack-stage';
import type { Deployment, Mode, Run, Site, Stage, Trust } from '../support/attack-stage';

const HOUR_MS = 3_600_000;
/** Between runs; the hold-down is two of them, by the clock of the function, which goes on within a run. */
const STEP_MS = 12.5 * HOUR_MS;

/** A chain, and the expected result. */
interface Shape {
  /** Served before, and listed. */
  readonly before: Chain;
  readonly chain: Chain;
  readonly anchors: readonly Identity[];
  /** What AWS would compare. */
  readonly expected: readonly Identity[];
  /** Whether all that is expected lies on a valid path to an anchor. */
  readonly anchored: boolean;
  /** A leaf, which may be printed and is never written. */
  readonly isLeaf?: boolean;
}

interface Row {
  readonly name: string;
  readonly shape: (honest: Family) => Promise<Shape>;
}

const usual = ({ leaf, intermediate, root }: Family): Pick<Shape, 'before' | 'anchors'> => ({
  before: [leaf, intermediate],
  anchors: [root],
});

/** As Amazon serves it: the root that signs the intermediate is itself signed by an older root, and both are trusted. */
const amazon =
  (leafKey: 'rsa' | 'ecdsa', olderKey: 'rsa' | 'ecdsa') =>
  async ({ host, ...honest }: Family): Promise<Shape> => {
    const keyType = leafKey;
    const older = await authority(`Services Root of ${host}`, { keyType: olderKey });
    const root = await authority(`Newer Root of ${host}`, { keyType });
    const crossed = await cross(root, older);
    const issuing = await authority(`Issuing CA of ${host}`, { keyType, signedBy: root });
    const leaf = await server(host, issuing, { keyType });
    return {
      before: usual({ host, ...honest }).before,
      chain: [leaf, issuing, crossed],
      anchors: [older, root, honest.root],
      expected: [crossed],
      anchored: true,
    };
  };

const ROWS: readonly Row[] = [
  { name: 'RSA, ending in a root that an older root has signed', shape: amazon('rsa', 'rsa') },
  { name: 'ECDSA, ending in a root that an older RSA root has signed', shape: amazon('ecdsa', 'rsa') },
  {
    name: 'leaf and intermediate, the root not served',
    shape: (honest) => {
      const { leaf, intermediate } = honest.next;
      const shape = { chain: [leaf, intermediate], expected: [intermediate], anchored: true };
      return Promise.resolve({ ...usual(honest), ...shape });
    },
  },
  {
    name: 'leaf, intermediate and root',
    shape: (honest) => {
      const { leaf, intermediate } = honest.next;
      const shape = { chain: [leaf, intermediate, honest.root], expected: [honest.root], anchored: true };
      return Promise.resolve({ ...usual(honest), ...shape });
    },
  },
  {
    name: 'a leaf that is itself an anchor',
    shape: async (honest) => {
      const signed = await mint({ commonName: honest.host, ca: true, hosts: [honest.host] });
      const leaf = withAnyUsage(signed, signed);
      const anchors = [honest.root, leaf];
      return { ...usual(honest), chain: [leaf], anchors, expected: [leaf], anchored: true, isLeaf: true };
    },
  },
  {
    name: 'a cross-certificate by an unknown CA, above the intermediate',
    shape: async (honest) => {
      const { leaf, intermediate } = honest.next;
      const above = await cross(honest.root, await authority(`Unknown CA of ${honest.host}`));
      const shape = { chain: [leaf, intermediate, above], expected: [above], anchored: false };
      return { ...usual(honest), ...shape };
    },
  },
  {
    name: 'a cross-certificate and the foreign root above it',
    shape: async (honest) => {
      const foreign = await authority(`Foreign Root of ${honest.host}`);
      const above = await cross(honest.root, foreign);
      const chain = [honest.directLeaf, above, foreign];
      return { ...usual(honest), chain, expected: [foreign], anchored: false };
    },
  },
  ...Object.entries(CARELESS).map(([limit, make]): Row => ({
    name: `a cross-certificate of the root by a CA of another trusted root: ${limit}`,
    shape: async (honest) => {
      const { leaf, intermediate } = honest.next;
      const other = await authority(`Other Root of ${honest.host}`);
      const development = await make(`Development of ${honest.host}`, other);
      const above = await cross(honest.root, development);
      return {
        ...usual(honest),
        chain: [leaf, intermediate, above, development],
        anchors: [honest.root, other],
        expected: [development],
        anchored: false,
      };
    },
  })),
  {
    name: 'the same without a limit',
    shape: async (honest) => {
      const { leaf, intermediate } = honest.next;
      const other = await authority(`Other Root of ${honest.host}`);
      const development = await authority(`Development of ${honest.host}`, { signedBy: other });
      const above = await cross(honest.root, development);
      return {
        ...usual(honest),
        chain: [leaf, intermediate, above, development],
        anchors: [honest.root, other],
        expected: [development],
        anchored: true,
      };
    },
  },
  {
    name: 'a root that another root has signed, which is trusted no longer',
    shape: async (honest) => {
      const { leaf, intermediate } = honest.next;
      const above = await cross(honest.root, await authority(`Retired Root of ${honest.host}`));
      return { ...usual(honest), chain: [leaf, intermediate, above], expected: [above], anchored: false };
    },
  },
  {
    name: 'an expired cross-certificate by a trusted root',
    shape: async (honest) => {
      const { leaf, intermediate } = honest.next;
      const other = await authority(`Other Root of ${honest.host}`);
      const above = await cross(honest.root, other, EXPIRED);
      return {
        ...usual(honest),
        chain: [leaf, intermediate, above],
        anchors: [honest.root, other],
        expected: [above],
        anchored: false,
      };
    },
  },
];

interface Played {
  readonly shape: Shape;
  readonly site: Site;
}

async function play({ shape }: Row, index: number): Promise<Played> {
  const host = `shape-${index}.example.com`;
  const played = await shape(await family(`Shape ${index}`, host));
  const { before, anchors } = played;
  return { shape: played, site: await startSite(host, { chain: before, listed: before.slice(-1), anchors }) };
}

/** A bundle, in the runs that it needs; the chains are served from the third run on. */
interface Setting {
  readonly trust: Trust;
  readonly mode: Mode;
  readonly runs: number;
  /** AWS checks the list, or the mode permits a write whether it does or not. */
  readonly severity: 'high' | 'info';
}

const FIRST = 2;
const SETTINGS: readonly Setting[] = [
  { trust: 'trustAnchors', mode: 'off', runs: FIRST + 1, severity: 'high' },
  { trust: 'trustAnchors', mode: 'guarded', runs: FIRST + 1, severity: 'high' },
  { trust: 'public CA', mode: 'off', runs: FIRST + 1, severity: 'info' },
  { trust: 'public CA', mode: 'guarded', runs: FIRST + 3, severity: 'high' },
  { trust: 'no anchor', mode: 'guarded', runs: FIRST + 3, severity: 'high' },
];

let stage: Stage;
let played: readonly Played[];
const deployments = new Map<Setting, Deployment>();
/** The runs in which the chains were served. */
const runs = new Map<Setting, readonly ReadonlyMap<Site, Run>[]>();

beforeAll(async () => {
  stage = buildStage();
  played = await Promise.all(ROWS.map(play));
  for (const setting of SETTINGS) {
    const sites = played.map(({ site }) => site);
    deployments.set(setting, await stage.deploy(setting.trust, setting.mode, sites));
  }
  const begin = Date.now();
  for (let step = 0; step < FIRST + 3; step += 1) {
    if (step === FIRST) for (const { shape, site } of played) site.issuer.rotate([shape.chain]);
    for (const [setting, deployment] of deployments) {
      if (step >= setting.runs) continue;
      const run = await deployment.run(new Date(begin + step * STEP_MS));
      if (step >= FIRST) runs.set(setting, [...(runs.get(setting) ?? []), run]);
    }
  }
  // A busy machine may take minutes.
}, 600_000);

afterAll(async () => {
  await Promise.all([...deployments.values()].map((each) => each.stop()));
  await Promise.all(played.map(({ site }) => site.issuer.close()));
  stage.remove();
});

const thumbprints = (identities: readonly Identity[]): readonly string[] =>
  identities.map(({ thumbprint }) => thumbprint);

function outcomeOf(
  setting: Setting,
  index: number,
): { readonly shape: Shape; readonly runs: readonly Run[] } {
  const row = played[index];
  if (row === undefined) throw new TypeError(`Nothing was played at ${index}.`);
  const all = (runs.get(setting) ?? []).flatMap((run) => run.get(row.site) ?? []);
  expect(all).toHaveLength(setting.runs - FIRST);
  return { shape: row.shape, runs: all };
}

describe.each(SETTINGS.filter(({ trust }) => trust !== 'no anchor'))(
  'with $trust and update $mode, the bundle',
  (setting) => {
    const { mode, severity } = setting;

    it.each(ROWS.map(({ name }, index) => ({ name, index })))(
      'reports what AWS compares: $name',
      ({ index }) => {
        const { shape, runs: all } = outcomeOf(setting, index);
        for (const { target } of all) {
          expect(target.expected).toEqual(thumbprints(shape.expected));
          const unanchored = target.findings.filter(({ check }) => check === 'CERT007');
          expect(unanchored.map((finding) => [finding.subject, finding.severity])).toEqual(
            shape.anchored ? [] : thumbprints(shape.expected).map((each) => [each, severity]),
          );
        }
      },
    );

    it.each(ROWS.map(({ name }, index) => ({ name, index })))(
      'proposes it only if a trust anchor is above it: $name',
      ({ index }) => {
        const { shape, runs: all } = outcomeOf(setting, index);
        const listed = thumbprints(shape.before.slice(-1));
        const proposed = [...listed, ...thumbprints(shape.expected)];
        const commands = all.flatMap((run) => run.commands);
        const writes = all.flatMap((run) => run.writes);
        if (!shape.anchored) {
          expect(writes).toEqual([]);
          expect(all.at(-1)?.listed).toEqual(listed);
          for (const command of commands) expect(listed).toEqual(expect.arrayContaining([...command]));
          expect(all.flatMap((run) => run.heldDown)).not.toEqual(
            expect.arrayContaining([...thumbprints(shape.expected)]),
          );
        } else if (mode === 'off' || shape.isLeaf === true) {
          expect(writes).toEqual([]);
          expect(commands).toContainEqual(proposed);
        } else {
          expect(writes).toEqual([proposed]);
          expect(all.at(-1)?.listed).toEqual(proposed);
        }
      },
    );
  },
);

describe('without an anchor, the bundle', () => {
  const setting = SETTINGS.find(({ trust }) => trust === 'no anchor');

  it.each(ROWS.map(({ name }, index) => ({ name, index })))('writes nothing: $name', ({ index }) => {
    if (setting === undefined) throw new TypeError('There is no such setting.');
    const { shape, runs: all } = outcomeOf(setting, index);
    expect(all.flatMap((run) => run.writes)).toEqual([]);
    expect(all.flatMap((run) => run.heldDown)).not.toEqual(
      expect.arrayContaining([...thumbprints(shape.expected)]),
    );
    for (const { target } of all) {
      expect(target).toMatchObject({ enforced: true, enforcedBasis: 'private-ca' });
      expect(target.expected).toEqual(thumbprints(shape.expected));
    }
  });

  it('shows the SHA-256 fingerprints to compare with the CA file of the server', () => {
    const index = ROWS.findIndex(({ name }) => name === 'leaf and intermediate, the root not served');
    if (setting === undefined) throw new TypeError('There is no such setting.');
    const { shape, runs: all } = outcomeOf(setting, index);
    const [{ certificate } = shape.chain[0] ?? { certificate: null }] = shape.expected;
    const texts = all.flatMap(({ target }) =>
      target.findings.flatMap(({ message, remedy }) => [String(message), remedy]),
    );
    expect(texts.join('\n').toLowerCase().replaceAll(':', '')).toContain(
      certificate?.fingerprint256.toLowerCase().replaceAll(':', ''),
    );
  });
});

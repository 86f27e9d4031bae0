/**
 * Attacks on guarded updates, through the deployed bundle: real handshakes, the protocols of AWS, and a clock that runs ahead.
 * An attacker with one address of an issuer can serve its honest certificates with others beside them; OpenSSL still verifies
 * the leaf. Nothing of his may be written, proposed or counted towards a hold-down, and an honest rotation must still be
 * written afterwards.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Identity } from '../../demo/authority';
import type { Chain } from '../../demo/issuer';
import { CARELESS, authority, cross, family, server, withBadSignature } from '../support/attack-chains';
import type { Family } from '../support/attack-chains';
import { buildStage, startSite } from '../support/attack-stage';
import type { Deployment, Mode, Run, Site, Stage, Trust } from '../support/attack-stage';

const HOUR_MS = 3_600_000;
/** Between runs; the hold-down is two of them, by the clock of the function, which goes on within a run. */
const STEP_MS = 12.5 * HOUR_MS;
const BEFORE = [0, 1];
const DURING = [2, 3, 4];
const AFTER = [5, 6, 7];

/** What is served before and during an attack. */
interface Scene {
  readonly honest: Chain;
  /** At each address that the attacker holds; those after the last serve the last, too. */
  readonly attacks: readonly Chain[];
  readonly foreign: readonly Identity[];
  /** Served beside them, with a key of another type. */
  readonly beside?: Chain;
  /** What AWS would compare at the attacked addresses, if only one answer is possible. */
  readonly compared?: Identity;
  /** What is listed beside the honest certificate. */
  readonly listed?: readonly Identity[];
}

interface Attack {
  readonly name: string;
  readonly addresses: number;
  /** How many of the addresses the attacker holds. */
  readonly held: number;
  readonly scene: (honest: Family) => Promise<Scene>;
}

const crossOfRoot = async ({ leaf, intermediate, root }: Family): Promise<Scene> => {
  const evil = await authority('Attacker');
  const above = await cross(root, evil);
  return {
    honest: [leaf, intermediate],
    attacks: [[leaf, intermediate, above, evil]],
    foreign: [above, evil],
    compared: evil,
  };
};

/** The honest chain for clients that take RSA, the attack for those that take ECDSA. */
const crossForOneKeyType = async (honest: Family): Promise<Scene> => {
  const { host, intermediate } = honest;
  const leaf = await server(host, intermediate, { keyType: 'rsa' });
  return { ...(await crossOfRoot(honest)), beside: [leaf, intermediate] };
};

const crossAlone = async ({ directLeaf, root }: Family): Promise<Scene> => {
  const evil = await authority('Attacker');
  const above = await cross(root, evil);
  return {
    honest: [directLeaf, root],
    attacks: [[directLeaf, above, evil]],
    foreign: [above, evil],
    compared: evil,
  };
};

const crossOfIntermediate = async ({ leaf, intermediate }: Family): Promise<Scene> => {
  const evil = await authority('Attacker');
  const above = await cross(intermediate, evil);
  return {
    honest: [leaf, intermediate],
    attacks: [[leaf, intermediate, above, evil]],
    foreign: [above, evil],
    compared: evil,
  };
};

const badCopy = async ({ leaf, intermediate, root }: Family): Promise<Scene> => {
  const copy = withBadSignature(await cross(intermediate, root));
  return { honest: [leaf, intermediate], attacks: [[leaf, intermediate, copy]], foreign: [copy] };
};

/** Copies of the intermediate, by authorities that are not served. */
const foreignCopies = (amount: number, { intermediate }: Family): Promise<readonly Identity[]> =>
  Promise.all(
    Array.from({ length: amount }, async (_, index) =>
      cross(intermediate, await authority(`Attacker ${index}`)),
    ),
  );

const copiesInOneChain = async (honest: Family): Promise<Scene> => {
  const { leaf, intermediate } = honest;
  const foreign = await foreignCopies(5, honest);
  return { honest: [leaf, intermediate], attacks: [[leaf, intermediate, ...foreign]], foreign };
};

/** Together with the honest certificate, they are as many as IAM permits. */
const copiesThatFill = async (honest: Family): Promise<Scene> => {
  const { leaf, intermediate } = honest;
  const foreign = await foreignCopies(4, honest);
  return {
    honest: [leaf, intermediate],
    attacks: foreign.map((copy) => [leaf, intermediate, copy]),
    foreign,
  };
};

/** A CA of the honest root, which must not sign CAs, signs the intermediate. */
const careless =
  (limit: string) =>
  async ({ host, leaf, intermediate, root }: Family): Promise<Scene> => {
    const make = CARELESS[limit];
    if (make === undefined) throw new TypeError(`There is no ${limit}.`);
    const development = await make(`Development of ${host}`, root);
    const above = await cross(intermediate, development);
    return {
      honest: [leaf, intermediate],
      attacks: [[leaf, intermediate, above, development]],
      foreign: [above, development],
      compared: development,
    };
  };

const atOneAndAll = (name: string, scene: Attack['scene']): readonly Attack[] => [
  { name: `${name}, at one of two addresses`, addresses: 2, held: 1, scene },
  { name: `${name}, at every address`, addresses: 2, held: 2, scene },
];

const ATTACKS: readonly Attack[] = [
  {
    name: 'no attack',
    addresses: 2,
    held: 0,
    scene: ({ leaf, intermediate }) =>
      Promise.resolve({ honest: [leaf, intermediate], attacks: [], foreign: [] }),
  },
  ...atOneAndAll('the honest chain, a cross-certificate of its root, the attacker', crossOfRoot),
  {
    name: 'the same for one key type of two',
    addresses: 1,
    held: 1,
    scene: crossForOneKeyType,
  },
  ...atOneAndAll('leaf, cross-certificate of its root, the attacker', crossAlone),
  ...atOneAndAll('a cross-certificate of the intermediate, the attacker', crossOfIntermediate),
  ...atOneAndAll('a copy of the intermediate with a signature that does not verify', badCopy),
  ...atOneAndAll('five copies of the intermediate by authorities that are not served', copiesInOneChain),
  {
    name: 'four such copies, one an address, that fill the list',
    addresses: 5,
    held: 4,
    scene: copiesThatFill,
  },
  ...atOneAndAll(
    'a cross-certificate by an honest CA with a path length of 0',
    careless('a path length of 0'),
  ),
];

/** An attack that succeeded once, before this version: the list is full. */
const FILLED: Attack = {
  name: 'a list that holds the honest certificate and four copies',
  addresses: 1,
  held: 0,
  scene: async (honest) => {
    const { leaf, intermediate } = honest;
    const foreign = await foreignCopies(4, honest);
    return { honest: [leaf, intermediate], attacks: [], foreign, listed: foreign };
  },
};

/** How the site of an attack is served. */
interface Played {
  readonly attack: Attack;
  readonly scene: Scene;
  readonly site: Site;
  readonly honest: Family;
}

async function play(attack: Attack, index: number): Promise<Played> {
  const host = `attacked-${index}.example.com`;
  const honest = await family(`Honest ${index}`, host);
  const scene = await attack.scene(honest);
  const site = await startSite(host, {
    chain: scene.honest,
    addresses: attack.addresses,
    listed: [...scene.honest.slice(-1), ...(scene.listed ?? [])],
    anchors: [honest.root],
  });
  return { attack, scene, site, honest };
}

function beginAttack({ attack, scene, site }: Played): void {
  for (const [index, address] of site.addresses.slice(0, attack.held).entries()) {
    const chain = scene.attacks[index] ?? scene.attacks.at(-1);
    const { beside } = scene;
    if (chain !== undefined) site.issuer.rotate(beside === undefined ? [chain] : [beside, chain], address);
  }
}

/** A bundle, and the steps in which it runs: a command needs no history, and failing logins need no hold-down. */
interface Setting {
  readonly trust: Trust;
  readonly mode: Mode;
  readonly steps: readonly number[];
}

const [ATTACKED = 0] = DURING;
const [ROTATED = 0] = AFTER;
const AT_ONCE = [...BEFORE, ...DURING, ROTATED];
const DEPLOYMENTS: readonly Setting[] = [
  { trust: 'trustAnchors', mode: 'off', steps: [ATTACKED, ROTATED] },
  { trust: 'trustAnchors', mode: 'enforced-only', steps: AT_ONCE },
  { trust: 'trustAnchors', mode: 'guarded', steps: AT_ONCE },
  { trust: 'public CA', mode: 'off', steps: [ATTACKED, ROTATED] },
  { trust: 'public CA', mode: 'guarded', steps: [...BEFORE, ...DURING, ...AFTER] },
];

interface Row {
  readonly setting: Setting;
  readonly name: string;
  readonly index: number;
}

let stage: Stage;
let played: readonly Played[];
const deployments = new Map<Setting, Deployment>();
/** By step: what each run did about each site. */
const runs = new Map<Setting, Map<number, ReadonlyMap<Site, Run>>>();

beforeAll(async () => {
  stage = buildStage();
  played = await Promise.all([...ATTACKS, FILLED].map(play));
  const sites = played.map(({ site }) => site);
  for (const setting of DEPLOYMENTS) {
    deployments.set(setting, await stage.deploy(setting.trust, setting.mode, sites));
    runs.set(setting, new Map());
  }
  const begin = Date.now();
  for (const step of [...BEFORE, ...DURING, ...AFTER]) {
    if (step === ATTACKED) played.forEach(beginAttack);
    if (step === ROTATED) {
      for (const { site, honest } of played)
        site.issuer.rotate([[honest.next.leaf, honest.next.intermediate]]);
    }
    for (const [setting, deployment] of deployments) {
      if (!setting.steps.includes(step)) continue;
      runs.get(setting)?.set(step, await deployment.run(new Date(begin + step * STEP_MS)));
    }
  }
  // A busy machine may take minutes.
}, 600_000);

afterAll(async () => {
  await Promise.all([...deployments.values()].map((each) => each.stop()));
  await Promise.all(played.map(({ site }) => site.issuer.close()));
  stage.remove();
});

/** The runs of a row, of the given steps. */
function runsOf({ setting, index }: Row, steps: readonly number[]): readonly Run[] {
  const site = played[index]?.site;
  return steps.flatMap((step) => {
    const run = site === undefined ? undefined : runs.get(setting)?.get(step)?.get(site);
    return run === undefined ? [] : [run];
  });
}

function playedOf({ index }: { readonly index: number }): Played {
  const found = played[index];
  if (found === undefined) throw new TypeError(`Nothing was played at ${index}.`);
  return found;
}

const thumbprints = (identities: readonly Identity[]): readonly string[] =>
  identities.map(({ thumbprint }) => thumbprint);

/** Those of a list that are the attacker's. */
const foreignIn = (list: readonly string[], { scene }: Played): readonly string[] =>
  list.filter((each) => thumbprints(scene.foreign).includes(each));

describe.each(DEPLOYMENTS)('with $trust and update $mode, nothing of the attacker', (setting) => {
  const { trust, mode } = setting;
  const rows = ATTACKS.map(({ name }, index): Row => ({ setting, name, index }));

  it.each(rows)('is written in one run or in several days: $name', (row) => {
    const attacked = runsOf(row, DURING);
    expect(attacked).not.toEqual([]);
    expect(attacked.flatMap(({ writes }) => writes)).toEqual([]);
    expect(
      foreignIn(
        attacked.flatMap(({ listed, added }) => [...listed, ...added]),
        playedOf(row),
      ),
    ).toEqual([]);
  });

  it.each(rows)('is in a printed command: $name', (row) => {
    const commands = runsOf(row, [...DURING, ...AFTER]).flatMap((run) => run.commands);
    expect(foreignIn(commands.flat(), playedOf(row))).toEqual([]);
  });

  it.each(rows)('begins a hold-down: $name', (row) => {
    const heldDown = runsOf(row, DURING).flatMap((run) => run.heldDown);
    expect(foreignIn(heldDown, playedOf(row))).toEqual([]);
  });

  it.each(rows)('is expected without being reported as not anchored: $name', (row) => {
    const { scene, attack } = playedOf(row);
    const [honest] = thumbprints(scene.honest.slice(-1));
    // AWS checks the list, or an update would have been written: high. Otherwise it is only counted.
    const severity = trust === 'trustAnchors' || mode === 'guarded' ? 'high' : 'info';
    for (const { target } of runsOf(row, DURING)) {
      const unanchored = target.findings.filter(({ check }) => check === 'CERT007');
      expect(unanchored.flatMap(({ subject }) => subject?.split(' ') ?? []).sort()).toEqual(
        foreignIn(target.expected, playedOf(row)),
      );
      expect(new Set(unanchored.map((finding) => finding.severity))).toEqual(
        new Set(unanchored.length === 0 ? [] : [severity]),
      );
      if (scene.compared === undefined) expect(target.expected).toContain(honest);
      else {
        const isHonestAlso = attack.held < attack.addresses || scene.beside !== undefined;
        const honestly = isHonestAlso ? [honest] : [];
        expect(target.expected).toEqual([scene.compared.thumbprint, ...honestly].sort());
      }
    }
  });

  it.each(rows)('keeps an honest rotation out of the list or of the command: $name', (row) => {
    const { scene, honest } = playedOf(row);
    const list = thumbprints([...scene.honest.slice(-1), honest.next.intermediate]);
    const after = runsOf(row, AFTER);
    const last = after.at(-1);
    const writes = after.flatMap((run) => run.writes);
    if (mode === 'off') {
      expect(writes).toEqual([]);
      expect(last?.commands).toContainEqual(list);
    } else {
      expect(writes).toEqual([list]);
      expect(last?.listed).toEqual(list);
    }
  });

  it('leaves a full list as it is, and no command removes an honest entry', () => {
    const row: Row = { setting, name: FILLED.name, index: ATTACKS.length };
    const { scene, honest, site } = playedOf(row);
    const after = runsOf(row, AFTER);
    expect(after.flatMap(({ writes }) => writes)).toEqual([]);
    expect(after.at(-1)?.listed).toEqual(site.listed);
    const honestly = thumbprints([...scene.honest.slice(-1), honest.next.intermediate]);
    const commands = after.flatMap((run) => run.commands);
    for (const command of commands) expect(command).toEqual(expect.arrayContaining([...honestly]));
    if (mode !== 'off') expect(commands).not.toEqual([]);
  });
});

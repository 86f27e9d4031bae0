/** Roles that are too many for a run: it ends in time, reports its findings, and names what it has not evaluated. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Role } from '../../lambda/domain/types';
import { ARN, Account, ISSUER, afterTurns, serving } from '../support/account';
import type { Scene } from '../support/account';
import { hierarchy } from '../support/observed';
import type { Hierarchy } from '../support/observed';
import { allow, keyOf, narrowRole, policyOf, roleWith } from '../support/roles';

let served: Hierarchy;
let renewed: Hierarchy;

beforeAll(async () => {
  served = await hierarchy('oidc.circleci.com', 'Public');
  renewed = await hierarchy('oidc.circleci.com', 'Renewed');
});

const wide = (letter: string, width: number): string => `*${letter}${'?'.repeat(width)}${letter}*#!`;
/** Made to cost as much as a role may. */
const crafted = (index: number): Role =>
  roleWith(
    ARN,
    `crafted-${String(index).padStart(4, '0')}`,
    policyOf(
      allow(ARN, {
        StringLike: { [keyOf(ARN, 'sub')]: [wide('a', 30), wide('b', 33)] },
        StringNotLike: { [keyOf(ARN, 'sub')]: [wide('a', 30), wide('c', 31)] },
      }),
    ),
  );
const CRAFTED = Array.from({ length: 950 }, (_, index) => crafted(index));
const OPEN = roleWith(ARN, 'open', policyOf(allow(ARN)));

const account = (): Account => new Account([served.middle.thumbprint], serving(served));

describe('950 crafted roles', () => {
  const scene: Scene = { roles: [...CRAFTED, OPEN], deadline: afterTurns(2) };

  it('do not prevent a run from publishing and saving (fault 53)', async () => {
    const one = account();
    // Drift must be alerted whatever happens to the roles.
    const report = await one.run({ ...scene, probe: serving(renewed) });
    expect(one.told()).toEqual([expect.stringContaining('drift.firing')]);
    expect((await one.state()).targets.has(ISSUER)).toBe(true);
    const left = report.targets[0]?.rolesNotEvaluated ?? [];
    // The first one was evaluated up to the limit, the others were not begun.
    expect(left).toHaveLength(951);
    expect(report.targets[0]?.roles).toHaveLength(951);
    const skipped = report.targets[0]?.skipped?.filter(({ check }) => check === 'TRUST002') ?? [];
    expect(skipped.map(({ code }) => code).sort()).toEqual(['no-time', 'step-limit']);
    expect(skipped.flatMap(({ roles = [] }) => roles).sort()).toEqual(left);
    expect(report.failures).toMatchObject([{ step: 'deadline', code: 'DEADLINE_EXCEEDED' }]);
    expect(report.failures[0]?.message.length).toBeLessThan(1_500);
    expect(report.failures[0]?.message).toMatch(/ of 9\d\d roles .*crafted-\d{4}.* and 9\d\d more\./);
    const told = report.targets[0]?.findings.filter(({ check }) => check === 'TRUST001') ?? [];
    expect(told.length).toBeLessThan(5);
  });

  it('neither resolve nor alert again known findings of other roles (fault 53)', async () => {
    const one = account();
    const calm: Scene = { roles: [narrowRole(ARN), OPEN] };
    for (let run = 0; run < 2; run += 1) await one.run(calm);
    const known = one.told().length;
    expect(known).toBeGreaterThan(0);
    for (let run = 0; run < 2; run += 1) await one.run({ ...scene, deadline: afterTurns(1) });
    for (let run = 0; run < 3; run += 1) await one.run(calm);
    expect(one.told().slice(known)).toEqual([]);
    // What is resolved is reported as such, once it has been evaluated.
    for (let run = 0; run < 3; run += 1) await one.run({ roles: [narrowRole(ARN)] });
    expect(one.told().slice(known)).toEqual(['finding.resolved']);
  });
});

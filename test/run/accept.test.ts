import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Report, Role } from '../../lambda/domain/types';
import { ARN, Account, ISSUER, ITEMS, serving } from '../support/account';
import { hierarchy } from '../support/observed';
import type { Hierarchy } from '../support/observed';
import { allow, policyOf, roleWith } from '../support/roles';

let served: Hierarchy;
beforeAll(async () => {
  served = await hierarchy('oidc.circleci.com', 'Private');
});

/** Any CircleCI customer can assume it: TRUST001. */
const openRole = (name: string): Role => roleWith(ARN, name, policyOf(allow(ARN, {})));
const entry = { check: 'TRUST001', issuer: ISSUER, reason: 'It is being repaired.', until: '2027-01-31' };
const accept = [entry];
const account = (): Account => new Account([served.middle.thumbprint], serving(served));

/** Names of open roles in the report, those in brackets that are accepted. */
const openRoles = ({ targets }: Report): readonly string[] =>
  targets
    .flatMap(({ findings }) => findings)
    .filter(({ check }) => check === 'TRUST001')
    .map(({ subject = '', accepted }) => {
      const name = subject.replace(/^.*\//, '');
      return accepted === undefined ? name : `(${name})`;
    });

describe('a suppression without a subject, run after run', () => {
  it('covers the roles that were open when it was first applied, and later ones are alerted', async () => {
    const monitor = account();
    const roles = [openRole('old')];
    await monitor.run({ config: { accept }, roles });
    const more = [...roles, openRole('later')];
    const changed = [{ ...entry, until: '2027-06-30', reason: 'It takes longer.' }];
    for (let run = 0; run < 3; run += 1) {
      expect(openRoles(await monitor.run({ config: { accept: changed }, roles: more }))).toEqual(
        expect.arrayContaining(['(old)', 'later']),
      );
    }
    expect(monitor.messages).toHaveLength(1);
    const email = (monitor.messages[0]?.email ?? '').replaceAll(/\s+/g, ' ');
    expect(email).toMatch(/can assume \S*role\/later/);
    expect(email).not.toMatch(/can assume \S*role\/old/);
  });

  it('reports that its baseline was taken anew after the state was lost', async () => {
    const monitor = account();
    const notes = async (roles: readonly Role[]): Promise<readonly string[]> =>
      (await monitor.run({ config: { accept }, roles })).notes ?? [];
    await notes([openRole('old')]);
    expect(await notes([openRole('old')])).toEqual([]);
    monitor.items.clear();
    expect(await notes([openRole('old'), openRole('later')])).toEqual([
      `There is no earlier state, so these entries of accept without a subject cover the findings that exist now: TRUST001 of ${ISSUER}. Findings with other subjects cause alerts.`,
    ]);
    expect(monitor.items.has(ITEMS.main)).toBe(true);
  });

  it('covers everything in a run whose state cannot be read, and reports that', async () => {
    const monitor = account();
    await monitor.run({ config: { accept }, roles: [openRole('old')] });
    const roles = [openRole('old'), openRole('later')];
    const report = await monitor.run({ config: { accept }, roles, store: 'down' });
    expect(report.notes).toEqual([expect.stringMatching(/^There is no saved state, .*: TRUST001 of /)]);
    expect(openRoles(report)).toEqual(expect.arrayContaining(['(later)', '(old)']));
    expect(openRoles(await monitor.run({ config: { accept }, roles }))).toEqual(
      expect.arrayContaining(['(old)', 'later']),
    );
  });

  it('is applied by an audit, which saves nothing', async () => {
    const monitor = account();
    await monitor.run({ config: { accept }, roles: [openRole('old')] });
    const roles = [openRole('old'), openRole('later')];
    const report = await monitor.run({ config: { accept }, roles, event: { action: 'audit' } });
    expect(openRoles(report)).toEqual(expect.arrayContaining(['(old)', 'later']));
  });
});

describe('a suppression', () => {
  it('with a subject covers that role, whenever it appears', async () => {
    const monitor = account();
    const named = [{ ...entry, subject: 'later' }];
    await monitor.run({ config: { accept: named } });
    const report = await monitor.run({
      config: { accept: named },
      roles: [openRole('later'), openRole('other')],
    });
    expect(openRoles(report)).toEqual(expect.arrayContaining(['(later)', 'other']));
  });

  it('without an issuer covers findings of the account: a provider that was announced', async () => {
    const monitor = account();
    const added = 'arn:aws:iam::123456789012:oidc-provider/ci.example.com';
    const { check, reason, until } = { ...entry, check: 'PROV006' };
    await monitor.run();
    monitor.lists.set(added, []);
    const announced = { check, reason, until, subject: added };
    const report = await monitor.run({ config: { accept: [announced] } });
    expect(report.findings).toMatchObject([{ check: 'PROV006', accepted: { reason } }]);
    expect(monitor.messages).toEqual([]);
  });

  it('of a move of signing keys covers one host, and not the next one', async () => {
    const monitor = account();
    const at = (host: string) => (issuer: string) =>
      ({ ok: true, value: JSON.stringify({ issuer, jwks_uri: `https://${host}/keys` }) }) as const;
    const moves = [{ ...entry, check: 'DISC003' }];
    const checks = async (host: string, config: object): Promise<readonly string[]> => {
      const report = await monitor.run({ config, document: at(host) });
      return report.targets.flatMap(({ findings }) => findings.map(({ check }) => check));
    };
    await checks('keys.example.com', {});
    expect(await checks('new.example.com', {})).toContain('DISC003');
    expect(await checks('new.example.com', { accept: moves })).not.toContain('DISC003');
    expect(await checks('third.example.com', { accept: moves })).toContain('DISC003');
  });
});

/** What a run did not check, in its report and in its mail: never as if it had been checked. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { failure } from '../../lambda/domain/errors';
import type { Host, HostObservation, Report, SkippedCheck } from '../../lambda/domain/types';
import { ARN, Account, ISSUER, serving } from '../support/account';
import { hierarchy } from '../support/observed';
import type { Hierarchy } from '../support/observed';
import { allow, narrowRole, policyOf, roleWith } from '../support/roles';

let served: Hierarchy;

beforeAll(async () => {
  served = await hierarchy('oidc.circleci.com', 'Public');
});

const GITHUB_ARN = 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com';
const GITHUB = 'https://token.actions.githubusercontent.com';
const ROLE = roleWith(GITHUB_ARN, 'github', policyOf(allow(GITHUB_ARN)));
const OF_ROLES = ['TRUST001', 'TRUST002', 'TRUST003', 'TRUST004', 'TRUST005'];

const account = (config: object = {}): Account =>
  new Account([served.middle.thumbprint], serving(served), config);
const skippedOf = (report: Report, issuer = ISSUER): readonly SkippedCheck[] =>
  report.targets.find((target) => target.issuer === issuer)?.skipped ?? [];
const brief = (skipped: readonly SkippedCheck[] = []): readonly string[] =>
  skipped.map(({ check, code }) => `${check} ${code}`);

describe('the skipped checks of a run', () => {
  it('are absent if everything was checked', async () => {
    const report = await account().run();
    expect(report).not.toHaveProperty('skipped');
    expect(report.targets[0]).not.toHaveProperty('skipped');
    expect(report.text).not.toContain('SKIPPED');
  });

  it('name no role of another issuer, since the policies of every issuer are evaluated', async () => {
    const one = account();
    one.lists.set(GITHUB_ARN, [served.middle.thumbprint]);
    const report = await one.run({ roles: [narrowRole(ARN), ROLE] });
    expect([skippedOf(report), skippedOf(report, GITHUB)]).toEqual([[], []]);
  });

  it('are those of roles if auditTrust is false', async () => {
    const report = await account({ auditTrust: false }).run();
    expect(brief(report.skipped)).toEqual(['TRUST001 audit-trust-off', 'TRUST006 audit-trust-off']);
    expect(brief(skippedOf(report))).toEqual(
      ['PROV004', ...OF_ROLES, 'TRUST006', 'TRUST007', 'TRUST008', 'TRUST009', 'TRUST010'].map(
        (check) => `${check} audit-trust-off`,
      ),
    );
  });

  it('are those of certificates if a part of the handshakes got no answer', async () => {
    const silent = failure('tls', 'TLS_TIMEOUT', 'No answer.');
    const probe = (host: Host): HostObservation => {
      const seen = serving(served)(host);
      const answer = { kind: 'unanswered', failure: silent } as const;
      return { ...seen, variants: [...seen.variants, { address: '192.0.2.9', keyType: 'rsa', answer }] };
    };
    const report = await account().run({ probe });
    expect(report.targets[0]?.status).toBe('in-sync');
    expect(new Set(skippedOf(report).map(({ code }) => code))).toEqual(new Set(['no-answer']));
    expect(skippedOf(report).map(({ check }) => check)).toContain('CERT001');
    expect(skippedOf(report)[0]?.reason).toBe(
      '1 handshake got no answer, so not every certificate chain was evaluated.',
    );
  });

  it('are not listed for a target that was not audited: its failure says why', async () => {
    const lost = { ok: false, failure: failure('discovery', 'HTTP_STATUS', 'No.') } as const;
    const report = await account().run({ document: () => lost });
    expect(report.targets[0]).toMatchObject({ status: 'not-audited', failure: lost.failure });
    expect(report.targets[0]).not.toHaveProperty('skipped');
  });

  it('are those that compare with earlier runs if no state could be read', async () => {
    const report = await account().run({ store: 'down' });
    expect(brief(report.skipped)).toEqual(
      ['THUMB003', 'THUMB008', 'DISC004', 'JWKS002', 'PROV006', 'PROV007'].map((id) => `${id} no-state`),
    );
  });
});

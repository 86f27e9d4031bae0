import { describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { painter } from '../../cli/colour';
import { renderTable } from '../../cli/outputs/table';
import type { TargetReport } from '../../lambda/domain/types';
import { trustOfTarget } from '../support/target-trust';
import { indexRoles } from '../../lambda/checks/trust/role-index';
import { drifted, finding, inSync, reportOf } from '../support/reports';
import { allow, keyOf, policyOf, roleWith } from '../support/roles';
import { terminalPicture } from '../support/terminal-picture';

const PICTURE = join(__dirname, '..', '..', 'docs', 'audit.svg');

const OWN_CA = 'c0ffee3b84e9c7e2d1f0a5b6c7d8e9fa0b1c2d3e';

/** CircleCI Server behind a private CA: here a stale list breaks every login. */
const server: TargetReport = {
  ...drifted('b'),
  issuer: 'https://circleci.example.com/org/bbbbbbbb-1111-4111-8111-111111111111',
  enforced: true,
  enforcedBasis: 'private-ca',
  listed: ['5eed1e55a0b1c2d3e4f5061728394a5b6c7d8e9f'],
  expected: [OWN_CA],
  chains: drifted('b').chains.map((chain) => ({
    ...chain,
    host: 'circleci.example.com',
    publiclyTrusted: false,
    certificates: chain.certificates.map((one, index) =>
      index === 0 ? one : { ...one, subject: 'CN=Example Issuing CA 2', thumbprint: OWN_CA },
    ),
  })),
  findings: [
    finding(
      'THUMB001',
      'critical',
      'No certificate that circleci.example.com serves is listed. Logins fail. By AWS documentation, and as far as we can see from here, AWS does not trust the certificate of circleci.example.com by itself and accepts only what is listed.',
      'List the certificates that are served now, beside those listed before:\naws iam …',
    ),
  ],
};

/** A role that limits logins to the audience, and any job of the org may choose its audience. */
function trustingAnyProject(target: TargetReport): TargetReport {
  const providerArn = target.providerArn ?? '';
  const org = providerArn.slice(-36);
  const condition = { StringEquals: { [keyOf(providerArn, 'aud')]: org } };
  const { findings, roles } = trustOfTarget({
    target: { issuer: target.issuer, providerArn, configured: true },
    exists: true,
    audiences: [org],
    sameOrg: [],
    index: indexRoles([roleWith(providerArn, 'deploy', policyOf(allow(providerArn, condition)))]),
  });
  return { ...target, roles, findings: findings.filter(({ check }) => check === 'TRUST001') };
}

describe('the picture in the README', () => {
  it('shows what the command prints', () => {
    const table = renderTable(
      reportOf([inSync('a'), drifted('d'), server, trustingAnyProject(inSync('c'))], { action: 'audit' }),
      {
        failOn: 'high',
        columns: 100,
        paint: painter(true),
        isInterrupted: false,
      },
    );
    const picture = terminalPicture(
      'npm run audit',
      table,
      'An audit of four providers: a stale list that breaks every login, a role open to any project, a stale list that breaks no login, one in sync.',
    );
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(PICTURE, picture);
    expect(picture).toBe(readFileSync(PICTURE, 'utf8'));
  });
});

import { beforeAll, describe, expect, it } from '@jest/globals';
import { buildSync } from 'esbuild';
import { renderJson } from '../../cli/outputs/json';
import { withoutCommands } from '../../cli/outputs/log-commands';
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';
import { readCertificate } from '../../lambda/x509/certificate';
import { composeChat } from '../../lambda/alerting/message/chat';
import { mergeConfigTexts } from '../../lambda/config/config-file';
import type { Finding, Report } from '../../lambda/domain/types';
import { ConfigError } from '../../lambda/domain/errors';
import { newAccountMemory } from '../../lambda/state/schema';
import { asVersion1, readEarlierAccount } from '../support/state/items';
import { readPolicy } from '../../lambda/iam-policy/parse';
import { createRemedy, updateCommand } from '../../lambda/remedies/remedy';
import { firstMessage, notificationsOf } from '../support/followed';
import { KEY_AT_INFINITY, withPublicKey } from '../support/der';
import { expectShowable } from '../support/fuzz';
import { finding, inSync, issuerOf, reportOf } from '../support/reports';
import { policiesIn } from '../support/corrected-policy';
import { allow, keyOf, policyOf, roleWith } from '../support/roles';
import { run } from '../support/shell';
import { trustOfTarget } from '../support/target-trust';
import { indexRoles } from '../../lambda/checks/trust/role-index';
import { CHECK_IDS } from '../../lambda/domain/checks';

/** What fuzzing found stays fixed, one case each. */
/** The account of a chat message. */
const NOBODY = { id: null, name: null };

describe('an alert', () => {
  const told = (...findings: readonly Finding[]): Report => reportOf([{ ...inSync('a'), findings }]);

  it('fits into the limit of SNS, however much one issuer sends', () => {
    const many = CHECK_IDS.map((check) =>
      finding(check, 'high', `"${check}\u{1f600}`.repeat(1_500), 'x'.repeat(3_000)),
    );
    const { email = '', machine = '' } = firstMessage(told(...many)) ?? {};
    expect(Buffer.byteLength(JSON.stringify({ default: machine, email }))).toBeLessThan(256 * 1024);
    expect(email).toContain('This text was cut because it is too long');
    expect(machine).toContain('"check":"CERT001"');
  });

  it('has no control characters, whatever the state table or an error of AWS contains', () => {
    const { email = '' } = firstMessage(told(finding('CERT001', 'high', 'a\u001b[31m\u202eb'))) ?? {};
    expect(email).toContain(String.raw`a\u{1b}[31m\u{202e}b`);
  });

  it('contains no shell command from foreign text', () => {
    expect(createRemedy("https://ci.example.com/$(id)';id")).not.toContain('\naws');
    expect(createRemedy(`${issuerOf('a')}/$(id)`)).not.toContain('\naws');
    expect(updateCommand('arn:aws:iam::123456789012:oidc-provider/h/`id`', []).ok).toBe(false);
    expect(updateCommand('arn:aws:iam::123456789012:oidc-provider/h/x', ['a;b']).ok).toBe(false);
  });

  it('is no markup in a chat, backslashes and brackets included, and is not cut inside an escape', () => {
    const hostile = String.raw`\*b\* [AWS](https://evil.example)`;
    const [message] = composeChat(notificationsOf(told(finding('CERT001', 'high', hostile))), NOBODY);
    expect(message?.content.description).toContain(String.raw`\\\*b\\\* \[AWS\](https://evil.example)`);
    const [long] = composeChat(notificationsOf(told(finding('CERT001', 'high', '&'.repeat(3_000)))), NOBODY);
    expect(long?.content.description).toMatch(/\n(&amp;)+…$/);
  });

  it('contains no workflow command of a CI runner', () => {
    expect(withoutCommands('a\n  ::add-mask::x\n::1 (loopback)\n##[error]y')).toBe(
      String.raw`a
  \u{3a}:add-mask::x
::1 (loopback)
#\u{23}[error]y`,
    );
    expect(renderJson('##[error]')).toBe(`${String.raw`"#\u0023[error]"`}\n`);
  });
});

describe('an item of the state table', () => {
  const item = newAccountMemory('2026-11-24T06:00:00.000Z');
  const track = {
    key: 'unknown',
    since: item.lastRun,
    seen: 1,
    clean: 0,
    severity: 'high',
    evidence: [],
    findings: [],
    more: 0,
    told: { at: item.lastRun, evidence: [] },
  };
  const news = (check: string): object => ({
    news: [{ finding: { check, severity: 'low', message: '', remedy: '' }, at: item.lastRun }],
  });

  it.each([
    ['as it was written', {}, true],
    ['with a track', { tracks: [track] }, true],
    ['with a change', news('PROV006'), true],
    ['of 31 February', { lastRun: '2026-02-31T06:00:00.000Z' }, false],
    ['with a time in another form', { tracks: [{ ...track, since: '2026-11-24 06:00:00+05' }] }, false],
    ['of less than no runs', { tracks: [{ ...track, seen: -1 }] }, false],
    ['of half a run', { tracks: [{ ...track, clean: 0.5 }] }, false],
    ['of the account with drift, which would be resolved', { tracks: [{ ...track, key: 'drift' }] }, false],
    ['with drift that is told once', news('THUMB001'), false],
  ])('%s', (_, change, isRead) => {
    expect(
      readEarlierAccount(JSON.stringify({ ...asVersion1(item), memoryVersion: 1, ...change })) !== null,
    ).toBe(isRead);
  });
});

describe('a configuration in two parts', () => {
  it('that is nested too deeply is refused with that reason', () => {
    const deep = `{"orgs":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    expect(() => mergeConfigTexts('{"configFile":"config.json"}', 'config.json', deep)).toThrow(ConfigError);
  });
});

describe('a certificate', () => {
  let good: Identity;
  beforeAll(async () => {
    good = await mint({ commonName: 'localhost', hosts: ['localhost'] });
  });

  it('with trailing bytes is refused: its thumbprint would be that of other bytes', () => {
    expect(readCertificate(Buffer.concat([good.certificate.raw, Buffer.from('more')]))).toBeNull();
  });

  it('as PEM is refused', () => {
    expect(readCertificate(Buffer.from(good.pem))).toBeNull();
  });

  it('with a damaged key on a curve does not crash the process', async () => {
    const top = await mint({ commonName: 'Top', ca: true, anonymousKeys: true });
    const leaf = await mint({ commonName: 'localhost', signedBy: top, anonymousKeys: true });
    const damaged = withPublicKey(top.certificate.raw, KEY_AT_INFINITY);
    const renewed = await mint({ commonName: 'Top', ca: true, anonymousKeys: true });
    // Issuer of the leaf by its name, and a cross-signed copy by name and key.
    const twin = withPublicKey(renewed.certificate.raw, KEY_AT_INFINITY);
    const chain = [leaf.certificate.raw, damaged, twin].map((der) => der.toString('base64'));
    const program = buildSync({
      entryPoints: ['test/support/read-chain.ts'],
      bundle: true,
      write: false,
      platform: 'node',
    });
    const text = program.outputFiles.map((file) => file.text).join('');
    const { code, stdout } = await run(process.execPath, ['-e', text, 'read-chain', ...chain], {
      environment: {},
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: leaf.thumbprint });
  }, 60_000);

  it('with a name of 60,000 characters gets a printable one', async () => {
    const { certificate } = await mint({ commonName: 'x'.repeat(60_000) });
    const { subject = '' } = readCertificate(certificate.raw) ?? {};
    expect(subject).toMatch(/^CN=x+…$/);
    expectShowable(subject);
  });
});

describe('a trust policy', () => {
  const ALLOW = '{"Effect":"Allow","Principal":"*","Action":"*"}';
  const DENY = '{"Effect":"Deny","Principal":"*","Action":"*"}';

  it.each([
    ['its statements', `{"Statement":${ALLOW},"Statement":${DENY}}`],
    ['an effect', '{"Statement":{"Effect":"Allow","Effect":"Deny","Principal":"*","Action":"*"}}'],
    [
      'a condition key, once written with an escape',
      String.raw`{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Condition":{"StringLike":{"a:sub":"*","a:\u0073ub":"b"}}}}`,
    ],
  ])('with a duplicate %s is not evaluated: of two parsers each may read another', (_, text) => {
    expect(readPolicy(text)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/ contains ".+" twice$/),
    });
  });

  it('may repeat a key in different objects', () => {
    expect(readPolicy(`{"Statement":[${ALLOW},${DENY}]}`)).toMatchObject({ ok: true });
  });
});

describe('a corrected policy', () => {
  it('is none if the policy has a number that cannot be written as JSON again', () => {
    const arn =
      'arn:aws:iam::123456789012:oidc-provider/oidc.circleci.com/org/b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
    const service = {
      Effect: 'Allow',
      Principal: { Service: 'ec2.amazonaws.com' },
      Action: 'sts:AssumeRole',
      Condition: { NumericLessThan: { 'aws:MultiFactorAuthAge': 'number' } },
    };
    const open = allow(arn, { StringLike: { [keyOf(arn, 'sub')]: '*' } });
    const policy = policyOf(open, service).replace('"number"', '-1e999');
    const { findings } = trustOfTarget({
      target: { issuer: `https://${arn.slice(arn.indexOf('/') + 1)}`, providerArn: arn, configured: true },
      exists: true,
      audiences: [arn.slice(-36)],
      sameOrg: [],
      index: indexRoles([roleWith(arn, 'ci', policy)]),
    });
    expect(findings).not.toEqual([]);
    expect(findings.flatMap(({ remedy }) => policiesIn(remedy))).toEqual([]);
  });
});

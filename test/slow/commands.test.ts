import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluateProvider } from '../../lambda/checks/trust/providers';
import { stepLimit } from '../../lambda/iam-policy/step-limit';
import { evaluatePrincipals } from '../../lambda/checks/trust/missing-providers';
import { refusalFinding, updatedNotification } from '../../lambda/remediation/plan';
import { GUARDS } from '../../lambda/remediation/guards';
import { remedySteps } from '../../lambda/remedies/steps';
import { correctionRemedy } from '../../lambda/remedies/remedy';
import { RSA, drifted, issuerOf } from '../support/reports';
import { tokenSource } from '../../lambda/oidc/profiles';

/** Printed commands in real shells: a program receives what was meant, whatever names others chose. */

const SHELLS = ['sh', 'bash'].filter((shell) => spawnSync(shell, ['-c', 'exit 0']).status === 0);

/** A finding's remedy with the possible words of its command: those of this project and the given foreign ones. */
interface Case {
  readonly remedy: string;
  readonly foreign: readonly string[];
}

/** What a shell, the AWS CLI or a terminal reads more in than a text. */
const HOSTILE = [
  '--endpoint-url=https://attacker.example/',
  '--endpoint-url',
  '-',
  '--',
  '--profile=x',
  '--debug',
  'file:///etc/passwd',
  'fileb://x',
  'https://attacker.example/x',
  '$(touch pwned)',
  '`touch pwned`',
  ';touch pwned;',
  "';touch pwned;'",
  '|touch pwned',
  '&&touch pwned',
  '\n touch pwned\n',
  '\\\ntouch pwned',
  '\u0000',
  '\u001b[201~touch pwned\r',
  '>pwned',
  '*',
  '~',
  '!!',
  '{a,b}',
  '=ls',
  '@x',
  '[]',
  '#',
  ' ',
  '\u2028',
  '\u3164',
];

const piece = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...HOSTILE) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 8 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
  { weight: 4, arbitrary: fc.stringMatching(/^[\w.~!$&'()*+,;=:@%/-]{1,12}$/) },
);
/** A foreign text, sometimes behind the beginning that it should have. */
const after = (prefix: string): fc.Arbitrary<string> =>
  fc
    .tuple(fc.boolean(), fc.array(piece, { maxLength: 3 }))
    .map(([isNormal, pieces]) => `${isNormal ? prefix : ''}${pieces.join('')}`);

const providerArn = after('arn:aws:iam::123456789012:oidc-provider/ci.example.com/');
const roleArn = after('arn:aws:iam::123456789012:role/ci-');
const hex = fc.stringMatching(/^[0-9a-f]{40}$/);
const entry = fc.oneof(
  { weight: 8, arbitrary: hex },
  { weight: 1, arbitrary: hex.map((digits) => digits.toUpperCase()) },
  { weight: 1, arbitrary: hex.map((digits) => digits.replaceAll(/..(?!$)/g, '$&:')) },
  { weight: 1, arbitrary: piece },
  { weight: 1, arbitrary: piece.map((text) => text.padEnd(40, 'a').slice(0, 40)) },
);
const entries = fc.array(entry, { maxLength: 4 });

const correction = fc.tuple(providerArn, entries).map(([arn, thumbprints]): Case => ({
  remedy: correctionRemedy({ arn, thumbprints }, [RSA]),
  foreign: [arn, ...spellings([...thumbprints, RSA])],
}));
const refusal = fc
  .tuple(providerArn, entries, fc.constantFrom(...GUARDS))
  .map(([arn, listed, guard]): Case => ({
    remedy: refusalFinding({ ...drifted('a'), providerArn: arn, listed }, guard, [RSA]).remedy,
    foreign: [arn, ...spellings([...listed, RSA])],
  }));
const takenBack = fc.tuple(providerArn, entries).map(([arn, before]): Case => {
  const target = { ...drifted('a'), providerArn: arn };
  const updated = { before, list: [...before, RSA], added: [RSA], isVisible: true, by: 'monitor' } as const;
  const { findings } = updatedNotification(target, updated, new Date(0));
  return { remedy: findings[0]?.remedy ?? '', foreign: [arn, ...spellings(before)] };
});
const audience = providerArn.map((arn): Case => {
  const source = tokenSource({ issuer: issuerOf('a'), providerArn: arn, audiences: null });
  const findings = evaluateProvider({
    arn,
    source,
    defaultAudience: source.grammar.tenant,
    audiences: [],
    sameOrg: [],
    roles: null,
    openToAll: [],
  });
  return { remedy: findings[0]?.remedy ?? '', foreign: [arn, source.grammar.tenant ?? ''] };
});
const policy = roleArn.map((arn): Case => {
  const lost = evaluatePrincipals(
    {
      byProvider: new Map([
        [
          'arn:aws:iam::999999999999:oidc-provider/ci.example.com',
          [
            {
              role: { arn, name: '', trustPolicy: '' },
              policy: { ok: true, statements: [] },
              limit: stepLimit(),
            },
          ],
        ],
      ]),
      loose: [],
    },
    null,
  );
  return {
    remedy: lost[0]?.finding.remedy ?? '',
    foreign: [arn.replace(/^.*\//s, '')],
  };
});

/** A list is normalised before it is sent. */
const spellings = (list: readonly string[]): readonly string[] =>
  list.map((text) => text.replaceAll(':', '').toLowerCase());

const OWN = [
  'iam',
  'update-open-id-connect-provider-thumbprint',
  '--open-id-connect-provider-arn',
  '--thumbprint-list',
  '[]',
  'create-open-id-connect-provider',
  '--url',
  '--client-id-list',
  'add-client-id-to-open-id-connect-provider',
  '--client-id',
  'update-assume-role-policy',
  '--role-name',
  '--policy-document',
];

/** The command of a remedy, which has at most one. */
const commandIn = (remedy: string): string =>
  remedySteps(remedy)
    .flatMap(({ command }) => command ?? [])
    .join('\n');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'commands-'));
  mkdirSync(join(folder, 'bin'));
  // Arguments end in NUL, which none can contain; a call ends in a line of its own.
  writeFileSync(
    join(folder, 'bin', 'aws'),
    `#!/bin/sh\nprintf '%s\\0' "$@" >>"$RECORD"\nprintf 'END OF CALL\\0' >>"$RECORD"\n`,
  );
  chmodSync(join(folder, 'bin', 'aws'), 0o755);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The arguments of each call of `aws` in a script, and the other output of the script. */
function recorded(shell: string, script: string): { calls: readonly (readonly string[])[]; rest: string } {
  const work = mkdtempSync(join(folder, 'work-'));
  const record = join(folder, 'record');
  writeFileSync(record, '');
  const { stdout, stderr } = spawnSync(shell, [], {
    cwd: work,
    input: script,
    encoding: 'utf8',
    timeout: 10_000,
    env: { PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, RECORD: record },
  });
  const calls = readFileSync(record, 'utf8')
    .split('END OF CALL\0')
    .slice(0, -1)
    .map((call) => call.split('\0').slice(0, -1));
  return { calls, rest: `${stdout}${stderr}${readdirSync(work).join(' ')}` };
}

describe.each(SHELLS)('commands pasted into %s', (shell) => {
  it.each([
    ['correct a list', correction],
    ['do by hand what an update would not', refusal],
    ['take an update back', takenBack],
    ['add an audience', audience],
    ['replace a trust policy', policy],
  ])('that %s pass each word as it was meant, and no foreign word as an option (fault 56)', (_, cases) => {
    let printed = 0;
    let drawn = 0;
    fc.assert(
      fc.property(fc.array(cases, { minLength: 60, maxLength: 60 }), (batch) => {
        const commands = batch.filter(({ remedy }) => commandIn(remedy) !== '');
        const script = commands.map(({ remedy }) => `${commandIn(remedy)}\n`).join('');
        const { calls, rest } = recorded(shell, script);
        drawn += batch.length;
        printed += commands.length;
        expect(rest).toBe('');
        expect(calls).toHaveLength(commands.length);
        calls.forEach((call, index) => {
          const foreign: readonly string[] = commands[index]?.foreign ?? [];
          // A policy is in a file of its own for each role.
          const files = foreign.map((name) => `file://trust-policy-${name}.json`);
          const strange = call.filter((word) => !OWN.includes(word) && !files.includes(word));
          expect(strange.filter((word) => !foreign.includes(word))).toEqual([]);
          expect(strange.filter((word) => /^-|^fileb?:|^https?:/.test(word))).toEqual([]);
        });
        for (const { remedy } of batch) if (commandIn(remedy) === '') expect(remedy).not.toContain('aws iam');
      }),
      { numRuns: 4, endOnFailure: true },
    );
    expect(printed / drawn).toBeGreaterThan(0.1);
    expect(printed / drawn).toBeLessThan(1);
  });
});

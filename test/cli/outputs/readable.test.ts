import { describe, expect, it } from '@jest/globals';
import { OUTPUTS } from '../../../cli/outputs/render';
import type { Output } from '../../../cli/outputs/render';
import { failure } from '../../../lambda/domain/errors';
import { LOGINS_FAIL, LOGINS_UNKNOWN, NO_LOGIN_AFFECTED } from '../../../lambda/domain/logins';
import type { Report, TargetReport } from '../../../lambda/domain/types';
import { joinSteps } from '../../../lambda/remedies/command';
import { MORE_POLICIES } from '../../../lambda/remedies/policies';
import { correctedPolicySteps } from '../../../lambda/remedies/remedy';
import { reportText } from '../../../lambda/report/text';
import { plain, withoutAws } from '../../support/cli-reports';
import { skipAll } from '../../../lambda/domain/skipped';
import { readXml, schemaProblems } from '../../support/junit';
import { drifted, finding, inSync, issuerOf, reportOf } from '../../support/reports';

/** The outputs for people. */
const READ = ['table', 'markdown', 'junit'] as const satisfies readonly Output[];

const linesOf = (report: Report, output: Output, columns = 100): readonly string[] =>
  plain(report, output, columns).split('\n');

/** 100 providers, each with its own org. */
const many = (change: (target: TargetReport, index: number) => TargetReport): Report =>
  reportOf(
    Array.from({ length: 100 }, (_, index) => {
      const org = `00000000-1111-4111-8111-${String(index).padStart(12, '0')}`;
      const issuer = `https://oidc.circleci.com/org/${org}`;
      const providerArn = issuer.replace('https://', 'arn:aws:iam::123456789012:oidc-provider/');
      return change({ ...inSync('a'), issuer, providerArn }, index);
    }),
  );

const unused = many((target) => ({
  ...target,
  findings: [
    finding(
      'PROV004',
      'low',
      `No role of the account trusts the provider ${target.providerArn ?? ''}.`,
      `Delete the provider ${target.providerArn ?? ''}.`,
    ),
  ],
}));

const roleArn = (index: number): string => `arn:aws:iam::123456789012:role/ci/deploy-${index}`;
const open = (index: number): TargetReport['findings'][number] => ({
  ...finding(
    'TRUST001',
    'critical',
    `Any CircleCI customer can assume ${roleArn(index)}.`,
    `Replace the trust policy of ${roleArn(index)}:\naws iam update-assume-role-policy --role-name deploy-${index}`,
  ),
  subject: roleArn(index),
});

describe('the column ENFORCED of the table', () => {
  it.each([60, 80, 100, 120])('is shown for every target at %s columns', (columns) => {
    const targets = [
      drifted('a'),
      { ...drifted('b'), enforced: true, issuer: `https://ci.example.com/${'long/'.repeat(40)}end` },
      { ...inSync('c'), enforced: null, issuer: 'https://ci.example.com' },
    ];
    const lines = linesOf(reportOf(targets), 'table', columns);
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}STATUS +ENFORCED +ISSUER$/));
    const rows = lines.filter((line) => /^ {2}(in-sync|drifted) /.test(line));
    expect(rows.map((row) => row.trim().split(/\s+/)[1]).sort()).toEqual(['no', 'unknown', 'yes']);
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
    // The end of an issuer distinguishes it.
    expect(lines).toContainEqual(expect.stringMatching(/….*end$/));
  });

  it('leaves the whole issuer of a CircleCI org readable at 80 columns', () => {
    const text = plain(reportOf([drifted('a')]), 'table', 80);
    expect(text).toContain(issuerOf('a').replace('https://', ''));
  });
});

describe('what a report means for logins', () => {
  it.each([
    [
      'drift of an enforced list',
      [{ ...drifted('a'), enforced: true, findings: [finding('THUMB001', 'critical', 'x')] }],
      LOGINS_FAIL,
    ],
    ['drift of another list', [drifted('a')], NO_LOGIN_AFFECTED],
    ['nothing known', withoutAws.targets, LOGINS_UNKNOWN],
  ])('is stated once below the headline: %s', (_, targets, statement) => {
    expect(linesOf(reportOf(targets), 'table')[1]).toBe(statement);
    expect(linesOf(reportOf(targets), 'markdown')[4]).toBe(`**${statement}**`);
  });
});

describe('a hundred similar findings', () => {
  it('of different providers are one paragraph with a list', () => {
    const lines = linesOf(unused, 'table');
    expect(lines.filter((line) => line.includes('PROV004 low'))).toEqual([
      expect.stringContaining('PROV004 low, 100 times, for example: '),
    ]);
    expect(lines.filter((line) => /^ {2}in-sync /.test(line))).toHaveLength(10);
    expect(lines).toContain('    and 90 more. To see all: --output json.');
  });

  it('of one provider are one paragraph that names the roles', () => {
    const findings = Array.from({ length: 100 }, (_, index) => open(index));
    const lines = linesOf(reportOf([{ ...inSync('a'), findings }]), 'table');
    expect(lines.filter((line) => line.includes('TRUST001 critical'))).toHaveLength(1);
    const list = lines.join(' ').replaceAll(/\s+/g, ' ');
    expect(list).toContain('All: deploy-0, deploy-1, deploy-2, ');
    expect(list).toContain('deploy-9 and 90 more. To see all: --output json.');
  });

  it('of roles of different providers name the roles, too', () => {
    const lines = linesOf(
      many((target, index) => ({ ...target, findings: [open(index)] })),
      'table',
    );
    expect(lines.filter((line) => line.includes('TRUST001 critical'))).toHaveLength(1);
    expect(lines.join(' ')).toContain('All: deploy-0, deploy-1, ');
  });

  it('are all in the output that the table names', () => {
    const report: unknown = JSON.parse(plain(unused, 'json'));
    expect(report).toEqual(unused);
  });

  it('are not mixed with others: another severity, another list', () => {
    const report = reportOf([
      { ...inSync('a'), findings: [open(1)] },
      { ...inSync('b'), findings: [{ ...open(2), severity: 'high' }] },
      drifted('c'),
      { ...drifted('d'), listed: [] },
    ]);
    expect(linesOf(report, 'table').filter((line) => line.includes(' times'))).toEqual([]);
  });

  it('stay apart if their texts differ in more than names', () => {
    const expiring = (days: number): TargetReport['findings'][number] =>
      finding('CERT001', 'low', `A certificate expires in ${days} days.`);
    const report = reportOf([
      { ...inSync('a'), findings: [expiring(1)] },
      { ...inSync('b'), findings: [expiring(2)] },
    ]);
    const lines = linesOf(report, 'table').filter((line) => line.includes('CERT001'));
    expect(lines).toHaveLength(2);
  });
});

describe('a remedy of several steps', () => {
  const remedy = 'Do this first:\naws first \\\n  --one\n\nThen do that:\naws second\n\nThen wait.';
  const report = reportOf([
    { ...inSync('a'), findings: [finding('THUMB001', 'high', 'It drifted.', remedy)] },
  ]);

  it('has each command directly below its own sentence', () => {
    for (const output of ['markdown', 'junit'] as const) {
      const lines = linesOf(report, output)
        .map((line) => line.trim())
        .filter((line) => line !== '' && !line.startsWith('```'));
      const start = lines.findIndex((line) => line.endsWith('Do this first:'));
      expect(lines.slice(start + 1, start + 5)).toEqual([
        'aws first \\',
        '--one',
        'Then do that:',
        'aws second',
      ]);
      expect(lines[start + 5]).toMatch(/^Then wait\./);
    }
  });

  it('has its sentences in the table, and how to see the commands', () => {
    const text = plain(report, 'table');
    expect(text).toContain('Remedy: Do this first.\n      Then do that.\n      Then wait.');
    expect(text).not.toContain('aws ');
    expect(text).toContain('\nTo see the commands: --output markdown.');
  });
});

describe('corrected trust policies', () => {
  const policy = (name: string): TargetReport['findings'][number] => ({
    ...finding(
      'TRUST001',
      'high',
      `${name} is open.`,
      joinSteps(
        'Limit it.',
        correctedPolicySteps(`arn:aws:iam::123456789012:role/${name}`, {
          document: `{\n  "Statement": "${name}"\n}`,
          placeholders: [],
          length: 100,
        }),
      ),
    ),
    subject: `arn:aws:iam::123456789012:role/${name}`,
  });
  const names = Array.from({ length: 30 }, (_, index) => `role-${index}`);
  const report = reportOf([{ ...inSync('a'), findings: names.map(policy) }], {
    action: 'audit',
    findings: [policy('of-the-account')],
  });

  it('are in markdown, each of them, as a mail says, and can be copied from the text', () => {
    const text = plain(report, 'markdown');
    expect(MORE_POLICIES).toMatch(/: thumbprint-monitor audit --output markdown$/);
    for (const name of [...names, 'of-the-account']) {
      expect(text).toContain(
        `\n\`\`\`sh\ncat > trust-policy-${name}.json <<'EOF'\n{\n  "Statement": "${name}"\n}\nEOF\n\`\`\`\n`,
      );
    }
  });

  it('are in the text of a report for five roles, and the command for the others', () => {
    const text = reportText(report);
    expect(text.match(/^cat > /gm)).toHaveLength(5);
    expect(text.match(/^EOF$/gm)).toHaveLength(5);
    expect(text.replaceAll(/\s+/g, ' ')).toContain(MORE_POLICIES);
  });
});

describe('what was not checked', () => {
  const at = (host: string): TargetReport => ({
    ...inSync('a'),
    issuer: `https://${host}`,
    providerArn: `arn:aws:iam::123456789012:oidc-provider/${host}`,
    roles: [roleArn(1), roleArn(2)],
    signingKeys: ['k'],
  });
  const other = at('acme.okta.com');
  const passedAt = (target: TargetReport): readonly string[] =>
    readXml(plain(reportOf([target]), 'junit'))
      .children.flatMap(({ children }) => children)
      .filter(({ children }) => children.length === 0)
      .map(({ attributes }) => attributes.get('name')?.split(' ')[0] ?? '');

  it.each(READ)('is in the output %s for an issuer whose tokens are not known, with its roles', (output) => {
    const text = plain(reportOf([other]), output);
    expect(text.replaceAll(/\s+/g, ' ')).toContain('What the tokens of this issuer contain is not known.');
    if (output !== 'junit') expect(text).toContain('deploy-1, deploy-2');
  });

  it('is no passed case of JUnit', () => {
    const passed = passedAt(other);
    // What a policy says is known: whether it restricts sub or aud, and whether a condition never holds.
    expect(passed.filter((name) => name.startsWith('TRUST'))).toEqual([
      'TRUST001',
      'TRUST002',
      'TRUST003',
      'TRUST004',
      'TRUST006',
      'TRUST007',
    ]);
    expect(passed).not.toContain('PROV002');
    expect(passed).not.toContain('PROV003');
  });

  it('is no passed case of JUnit for an issuer of which it says nothing', () => {
    const github = passedAt(at('token.actions.githubusercontent.com'));
    expect(github.filter((name) => name.startsWith('TRUST'))).toHaveLength(10);
    expect(github.filter((name) => name === 'PROV002' || name === 'PROV003')).toEqual([]);
    const text = plain(reportOf([at('token.actions.githubusercontent.com')]), 'junit');
    expect(text).toContain('GitHub Actions has one issuer for all customers.');
    expect(text).toContain('The default audience of GitHub Actions does not name the owner.');
    expect(plain(reportOf([at('token.actions.githubusercontent.com')]), 'table')).not.toContain('Skipped');
    expect(passedAt(inSync('a'))).toEqual(expect.arrayContaining(['PROV002', 'PROV003']));
    const root = passedAt(at('oidc.circleci.com'));
    expect(root.filter((name) => name === 'PROV002' || name === 'PROV003')).toEqual(['PROV003']);
  });

  it.each(READ)('is in the output %s for roles that were not evaluated', (output) => {
    const target = { ...inSync('a'), roles: [roleArn(1)], rolesNotEvaluated: [roleArn(1)] };
    const text = plain(reportOf([target]), output);
    expect(text).toContain('deploy-1');
    expect(text).toMatch(/ot (every trust policy was )?evaluated/);
  });

  const NOT_KNOWN = { code: 'step-limit', reason: 'Its tokens are not known.' } as const;
  const reported = reportOf(
    [
      {
        ...inSync('a'),
        roles: [roleArn(1)],
        signingKeys: ['k'],
        findings: [finding('TRUST003', 'low', 'Something else.')],
        skipped: [
          { check: 'PROV002', ...NOT_KNOWN },
          ...skipAll(['TRUST001', 'TRUST003'], { ...NOT_KNOWN, roles: [roleArn(1), roleArn(2)] }),
          ...skipAll(['CERT001'], { code: 'no-answer', reason: '1 handshake got no answer.' }),
        ],
      },
    ],
    { action: 'audit', skipped: skipAll(['PROV006', 'TRUST006'], { code: 'no-state', reason: 'No state.' }) },
  );
  const caseIn = (report: Report, suite: number, id: string): readonly string[] =>
    readXml(plain(report, 'junit'))
      .children[suite]?.children.filter(({ attributes }) => attributes.get('name')?.startsWith(id))
      .flatMap(({ children }) =>
        children.map(({ name, attributes }) => `${name} ${attributes.get('message') ?? ''}`),
      ) ?? [];

  it.each(OUTPUTS)('is in the output %s with its reason and the names of the roles', (output) => {
    const text = plain(reported, output).replaceAll('# ', '').replaceAll(/\s+/g, ' ');
    for (const words of ['Its tokens are not known.', '1 handshake got no answer.', 'No state.'])
      expect(text).toContain(words);
    expect(text).toMatch(/deploy-1.*deploy-2/);
  });

  it('is skipped in JUnit, also if the check has a finding below the threshold', () => {
    const because = 'Its tokens are not known. Roles: deploy-1, deploy-2.';
    expect(caseIn(reported, 1, 'PROV002')).toEqual(['skipped Its tokens are not known.']);
    expect(caseIn(reported, 1, 'TRUST001')).toEqual([`skipped ${because}`]);
    expect(caseIn(reported, 1, 'TRUST003')).toEqual([`skipped ${because}`]);
    expect(caseIn(reported, 1, 'CERT001')).toEqual(['skipped 1 handshake got no answer.']);
    expect(caseIn(reported, 0, 'PROV006')).toEqual(['skipped No state.']);
    expect(schemaProblems(readXml(plain(reported, 'junit')))).toEqual([]);
  });

  it('is skipped in JUnit if the policy of a role could not be decided, and fails from the threshold on', () => {
    const undecided = (severity: 'medium' | 'high'): Report =>
      reportOf([
        {
          ...inSync('a'),
          roles: [roleArn(1)],
          findings: [{ ...finding('TRUST001', severity, 'It could not be evaluated.'), notEvaluated: true }],
        },
      ]);
    expect(caseIn(undecided('medium'), 0, 'TRUST001')).toEqual(['skipped It could not be evaluated.']);
    expect(caseIn(undecided('high'), 0, 'TRUST001')).toEqual(['failure It could not be evaluated.']);
  });

  it('is not repeated by the table where a note or a failure says it', () => {
    const skipped = skipAll(['TRUST001'], { code: 'audit-trust-off', reason: 'auditTrust is false.' });
    const text = plain(reportOf([{ ...inSync('a'), skipped }], { skipped }), 'table');
    expect(text).not.toContain('Skipped');
  });

  it('makes a JUnit report without targets a skipped case', () => {
    const { attributes, children } = readXml(plain(reportOf([], { action: 'audit' }), 'junit'));
    expect(attributes.get('tests')).toBe('1');
    expect(children[0]?.attributes.get('skipped')).toBe('1');
  });

  it.each(OUTPUTS)('is in the notes of the output %s', (output) => {
    const note = '3 OIDC providers of the account were not selected.';
    expect(plain(reportOf([], { action: 'audit', notes: [note] }), output)).toContain(note);
  });
});

describe('a call that AWS denied', () => {
  const said = 'User: u is not authorized with an explicit deny in a service control policy';
  const denied = failure('iam', 'AWS_ACCESS_DENIED', 'AWS denied iam:ListRoles on *.', said);

  it.each(READ)('has the explanation of AWS in the output %s', (output) => {
    const report = reportOf([], { failures: [denied] });
    const text = plain(report, output).replaceAll(/\s+/g, ' ').replaceAll('&quot;', '"');
    expect(text).toContain(`AWS said: "${said}"`);
  });
});

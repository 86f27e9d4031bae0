import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { painter } from '../../../cli/colour';
import { widthOf } from '../../../cli/outputs/columns';
import { OUTPUTS, render } from '../../../cli/outputs/render';
import type { Output } from '../../../cli/outputs/render';
import { renderTerraform } from '../../../cli/outputs/terraform';
import type { Report, TargetReport } from '../../../lambda/domain/types';
import {
  HOSTILE,
  REPORTS,
  clean,
  empty,
  everything,
  plain,
  strange,
  withoutAws,
} from '../../support/cli-reports';
import { expectGolden } from '../../support/golden';
import { readXml, schemaProblems } from '../../support/junit';
import type { XmlElement } from '../../support/junit';
import { ECDSA, RSA, drifted, inSync, reportOf } from '../../support/reports';
import { headline } from '../../../lambda/report/text';
import { CHECK_IDS } from '../../../lambda/domain/checks';

const EXTENSIONS: Readonly<Record<Output, string>> = {
  table: 'txt',
  json: 'json',
  markdown: 'md',
  junit: 'xml',
  terraform: 'tf',
};

describe.each(OUTPUTS)('output %s', (output) => {
  it('renders a report with everything as recorded', () => {
    expectGolden(`cli/everything.${EXTENSIONS[output]}`, plain(everything, output));
  });

  it('ends in one newline', () => {
    for (const [, report] of REPORTS) expect(plain(report, output)).toMatch(/[^\n]\n$/);
  });
});

describe('a report without findings', () => {
  it.each([
    ['two targets in sync', clean, '✅', 'Exit code 0: no finding at or above high.'],
    ['no providers', empty, '⚪', 'Exit code 0: no finding at or above high.'],
    [
      'without AWS',
      withoutAws,
      '⚪',
      'Exit code 0: no finding at or above high; IAM was not read (--no-aws).',
    ],
  ])('is a success in each format: %s', (_, report, mark, end) => {
    expect(JSON.parse(plain(report, 'json'))).toEqual(report);
    const table = plain(report, 'table').trimEnd().split('\n');
    expect([table[0], table.at(-1)]).toEqual([headline(report), end]);
    const markdown = plain(report, 'markdown').split('\n');
    expect(markdown.slice(0, 3)).toEqual([`# ${mark} OIDC trust of AWS IAM`, '', headline(report)]);
    const { attributes } = readXml(plain(report, 'junit'));
    expect([attributes.get('failures'), attributes.get('errors')]).toEqual(['0', '0']);
    expect(attributes.get('tests')).not.toBe('0');
    expect(renderTerraform(report).split('resource "').length - 1).toBe(report.targets.length);
  });

  it('has no table, and no resource, if there is no target', () => {
    expect(plain(empty, 'markdown')).not.toContain('|');
    expect(renderTerraform(empty)).toBe('# There is no list: no OIDC provider was selected.\n');
  });

  it('says in each format that IAM was not read, and calls nothing of it passed', () => {
    for (const output of OUTPUTS) expect(plain(withoutAws, output)).toContain('IAM was not read');
    const table = plain(withoutAws, 'table');
    expect(table).not.toMatch(/^NO OPEN FINDINGS$/m);
    expect(table).toMatch(/^NO OPEN FINDINGS; IAM WAS NOT READ \(--no-aws\)$/m);
    expect(plain(withoutAws, 'terraform')).not.toContain('# in-sync');
  });
});

describe('a listed value', () => {
  it.each(['__proto__', 'constructor', 'toString'])('called %s is plain text', (text) => {
    expect(plain(strange(text), 'table')).toMatch(new RegExp(`^ {4}listed {4}${text}$`, 'm'));
  });
});

describe('output table', () => {
  it.each([60, 80, 100])('fits %s columns', (columns) => {
    for (const [, report] of REPORTS) {
      for (const line of plain(report, 'table', columns).split('\n')) {
        expect(widthOf(line)).toBeLessThanOrEqual(columns);
      }
    }
  });

  it('fits 100 columns on a wider terminal', () => {
    expect(plain(everything, 'table', 250)).toBe(plain(everything, 'table', 100));
  });

  it('fits foreign text of any length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 60, maxLength: 300 }), (text) => {
        for (const line of plain(strange(text), 'table', 80).split('\n')) {
          expect(widthOf(line)).toBeLessThanOrEqual(80);
        }
      }),
    );
  });

  it('has a line for each target, the worst first', () => {
    const rows = plain(everything, 'table')
      .split('\n')
      .filter((line) => /^ {2}(in-sync|drifted|provider-missing|not-audited) /.test(line));
    expect(rows.map((line) => line.trim().split(/\s+/)[0])).toEqual([
      'drifted',
      'not-audited',
      'provider-missing',
      'drifted',
      'drifted',
      'in-sync',
      'drifted',
    ]);
  });

  it('does not announce another exit code than that of an interrupted command', () => {
    const look = { failOn: 'high', columns: 100, paint: painter(false), isInterrupted: true } as const;
    expect(render(everything, 'table', look)).toMatch(/Exit code 130: interrupted\.\n$/);
  });

  it('has the same text with colours', () => {
    const colourful = render(everything, 'table', {
      failOn: 'high',
      columns: 100,
      paint: painter(true),
      isInterrupted: false,
    });
    expect(colourful).toContain('\u001b[1;31mCRITICAL\u001b[0m');
    const escape = String.fromCharCode(27);
    expect(colourful.replaceAll(new RegExp(String.raw`${escape}\[[\d;]+m`, 'g'), '')).toBe(
      plain(everything, 'table'),
    );
  });
});

describe('output json', () => {
  it('is exactly the report', () => {
    expect(JSON.parse(plain(everything, 'json'))).toEqual(everything);
    expect(plain(strange(HOSTILE), 'json')).toContain(String.raw`\u001b[31mb\u009b2J`);
  });
});

describe('output junit', () => {
  const read = (report: Report): XmlElement => readXml(plain(report, 'junit'));
  const casesOf = (root: XmlElement): readonly XmlElement[] =>
    root.children.flatMap((suite) => suite.children);
  const having = (cases: readonly XmlElement[], result: string): number =>
    cases.filter(({ children }) => children.some(({ name }) => name === result)).length;

  it.each(REPORTS)('satisfies the schema: %s', (_, report) => {
    expect(schemaProblems(read(report))).toEqual([]);
  });

  it('has correct totals', () => {
    for (const element of [read(everything), ...read(everything).children]) {
      const cases = element.name === 'testsuites' ? casesOf(element) : element.children;
      expect(element.attributes.get('tests')).toBe(String(cases.length));
      expect(element.attributes.get('failures')).toBe(String(having(cases, 'failure')));
      expect(element.attributes.get('errors')).toBe(String(having(cases, 'error')));
    }
  });

  it('has a case for each check of an audit, and one for the audit itself', () => {
    const names = casesOf(read(reportOf([inSync('a')]))).map(
      ({ attributes }) => attributes.get('name') ?? '',
    );
    expect(names[0]).toBe('audited');
    const later = ['THUMB003', 'THUMB008', 'DISC004', 'JWKS002', 'PROV006', 'PROV007', 'OPS001', 'OPS002'];
    expect(names.slice(1).map((name) => name.split(' ')[0])).toEqual(
      CHECK_IDS.filter((check) => !later.includes(check)),
    );
  });

  it('fails from the threshold on and passes below, with the findings in its output', () => {
    const caseOf = (failOn: 'low' | 'high'): XmlElement | undefined =>
      casesOf(
        readXml(
          render(reportOf([drifted('a')]), 'junit', {
            failOn,
            columns: 80,
            paint: painter(false),
            isInterrupted: false,
          }),
        ),
      ).find(({ attributes }) => attributes.get('name')?.startsWith('THUMB001') === true);
    expect(caseOf('low')?.children[0]).toMatchObject({ name: 'failure' });
    expect(caseOf('high')?.children[0]).toMatchObject({ name: 'system-out' });
    expect(caseOf('low')?.children[0]?.text).toContain('aws iam update-open-id-connect-provider-thumbprint');
  });

  it('does not call a check passed that was not evaluated', () => {
    const passed = casesOf(read(withoutAws))
      .filter(({ children }) => children.length === 0)
      .map(({ attributes }) => attributes.get('name')?.split(' ')[0]);
    expect(passed).toEqual([
      'CERT001',
      'CERT002',
      'CERT003',
      'CERT004',
      'CERT005',
      'NET001',
      'NET002',
      'DISC001',
      'DISC002',
      'DISC003',
    ]);
  });
});

describe('output markdown', () => {
  it('escapes all markup in foreign text', () => {
    // Inside code nothing is markup.
    const text = plain(everything, 'markdown')
      .replaceAll(/^ {2}(`{3,})sh$.*?^ {2}\1$/gms, '')
      .replaceAll(/(?<![`\\])(`+)(?!`).*?(?<!`)\1(?!`)/g, '');
    expect(text).not.toMatch(/<img/);
    expect(text).not.toMatch(/^# l/m);
    expect(text).not.toContain('](https://evil');
    expect(text).not.toMatch(/https:\/\/evil/);
  });

  it('stays below the limit of a job summary', () => {
    const many = reportOf(Array.from({ length: 1_000 }, () => drifted('a')));
    expect(Buffer.byteLength(plain(many, 'markdown'))).toBeLessThan(1024 * 1024);
    expect(plain(many, 'markdown')).toContain(
      '900 more targets are not shown in detail. To see all: `--output json`.',
    );
  });
});

describe('output terraform', () => {
  it('keeps listed thumbprints, and proposes nothing for a target that was not audited', () => {
    const text = plain(everything, 'terraform');
    expect(text).toContain('# Keep the list as it is: not-audited, TCP_TIMEOUT.');
    expect(text.match(/thumbprint_list = \[/g)).toHaveLength(6);
    expect(text).toContain('# 7 thumbprints, but IAM permits 5. Decide which of these to keep, too:');
  });
});

describe('output terraform: thumbprints that were not verified', () => {
  const unverified: TargetReport = {
    ...inSync('9'),
    status: 'drifted',
    listed: [],
    proposed: [],
    chains: inSync('9').chains.map((chain) => ({
      ...chain,
      publiclyTrusted: false,
      certificates: chain.certificates.map((certificate) => ({ ...certificate, sha256: 'AA:BB' })),
    })),
  };
  const linesOf = (target: TargetReport): readonly string[] =>
    renderTerraform(reportOf([target]))
      .trimEnd()
      .split('\n');

  it('are in comments, with the fingerprint to compare', () => {
    const lines = linesOf(unverified);
    expect(lines.every((line) => line.startsWith('#'))).toBe(true);
    expect(lines.join('\n')).toMatch(new RegExp(`"${RSA}".*SHA-256 AA:BB`));
  });

  it('are named beside verified ones, and left out of the list', () => {
    const { check, severity } = { check: 'CERT007', severity: 'high' } as const;
    const findings = [{ check, severity, message: '', remedy: '' }];
    const lines = linesOf({ ...unverified, proposed: [ECDSA], findings });
    const mentions = lines.filter((line) => line.includes(RSA));
    expect(mentions).toEqual([expect.stringMatching(/^# Not in the list.*CERT007/)]);
    expect(lines.some((line) => line.includes(`"${ECDSA}",`))).toBe(true);
  });
});

import { describe, expect, it } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArguments } from '../../cli/arguments';
import { readConfiguration } from '../../infra/configuration/configuration';
import { FEDERATION_KEYS, MONITOR_KEYS } from '../../infra/configuration/keys';
import { FederationStack } from '../../infra/federation/federation-stack';
import { SKIP_CODES } from '../../lambda/domain/skipped';
import { PERMISSIONS } from '../../lambda/permissions';
import { DOCUMENTS, readDocument } from '../support/headings';
import { shownCommands } from '../support/readme/shown-commands';

const ROOT = join(__dirname, '..', '..');
const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const PROJECT = '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d58';

/** The first cells of the rows of tables, each without its quotes. A cell may name several. */
const rowsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, cell = '']) =>
    cell.split(', ').map((one) => one.replaceAll('`', '')),
  );

describe('docs/README.md', () => {
  it('has a line for every page', () => {
    const pages = readdirSync(join(ROOT, 'docs')).filter(
      (file) => /\.(?:md|schema\.json)$/.test(file) && file !== 'README.md',
    );
    const lines = [...readDocument('docs/README.md').matchAll(/^- \[[^\]]+\]\(([^)]+)\): ./gm)];
    expect(lines.map(([, page]) => page).sort()).toEqual(pages.sort());
  });
});

describe('docs/configuration.md', () => {
  const rows = rowsOf(readDocument('docs/configuration.md'));

  it('has a row for every key', () => {
    expect([...MONITOR_KEYS, ...FEDERATION_KEYS].filter((key) => !rows.includes(key))).toEqual([]);
  });
});

describe('docs/permissions.md', () => {
  it('names every action that the function may need', () => {
    const rows = rowsOf(readDocument('docs/permissions.md'));
    expect(PERMISSIONS.filter(({ action }) => !rows.includes(action))).toEqual([]);
  });
});

describe('docs/command-line.md', () => {
  it('has a row for every reason of a skipped check', () => {
    const rows = rowsOf(readDocument('docs/command-line.md'));
    expect(SKIP_CODES.filter((code) => !rows.includes(code))).toEqual([]);
  });

  it('names every flag', () => {
    const text = readDocument('docs/command-line.md');
    const flags = ['audit', 'invoke', 'doctor'].flatMap((command) => {
      const shown = readArguments([command, '--help']);
      return shown.kind === 'shown'
        ? [...shown.text.matchAll(/^ +(--[a-z-]+)/gm)].map(([, flag]) => flag)
        : [];
    });
    expect(flags).toContain('--fail-on');
    expect([...new Set(flags)].filter((flag) => !text.includes(`\`${flag ?? ''}`))).toEqual([]);
  });
});

/** Objects in blocks of JSON that are configurations: policies, lists and events have none of these keys. */
const configurationsIn = (text: string): readonly string[] =>
  [...text.matchAll(/^```json\n(.*?)^```/gms)]
    .map(([, json = '']) => json.replaceAll('PROJECT_ID', PROJECT).replaceAll('ORG_ID', ORG))
    .filter((json) => /^ {2}"(?:email|federation)":/m.test(json));

describe.each(DOCUMENTS)('%s', (file) => {
  const text = readDocument(file);

  it('shows configurations that a deployment accepts', () => {
    for (const json of configurationsIn(text)) {
      const folder = mkdtempSync(join(tmpdir(), 'thumbprint-docs-'));
      writeFileSync(join(folder, 'monitor.config.json'), json);
      const { federation } = readConfiguration({}, folder);
      if (federation !== null) new FederationStack(new App(), 'CircleCiFederation', federation);
      rmSync(folder, { recursive: true });
    }
  });

  it('pipes and redirects the output of npm run only with --silent', () => {
    const loud = shownCommands(text).filter((line) => /npm run (?!--silent )[^;&]*[|>]/.test(line));
    expect(loud).toEqual([]);
  });
});

describe('the test of configurations', () => {
  it('has some', () => {
    expect(DOCUMENTS.flatMap((file) => configurationsIn(readDocument(file))).length).toBeGreaterThan(3);
  });
});

import { describe, expect, it } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { engines } from '../../package.json';
import { readConfiguration } from '../../infra/configuration/configuration';
import { FederationStack } from '../../infra/federation/federation-stack';
import { PERMISSIONS } from '../../lambda/permissions';
import { readDocument as read } from '../support/headings';

const ROOT = join(__dirname, '..', '..');
const README = read('README.md');
const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const PROJECT = '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d58';

/** As GitHub makes it of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .trim()
    .replace(/\s/g, '-');

const anchorsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

const DOCUMENTS = [
  ...readdirSync(ROOT).filter((file) => file.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
];

describe.each(DOCUMENTS)('the links of %s', (file) => {
  const text = read(file);
  const links = [...text.matchAll(/\]\((?!https:)([^)#]*)(?:#([^)]*))?\)/g)].map(([, path = '', anchor]) => ({
    path: path === '' ? file : join(dirname(file), path),
    anchor,
  }));

  it('lead to existing files and headings', () => {
    const broken = links.filter(
      ({ path, anchor }) =>
        !existsSync(join(ROOT, path)) || (anchor !== undefined && !anchorsOf(read(path)).includes(anchor)),
    );
    expect(broken).toEqual([]);
  });
});

describe('the README', () => {
  it('shows the mail that is sent', () => {
    const [mail] = read('test/golden/mail/drift.firing.txt').split('\nEVIDENCE\n');
    expect(README).toContain(`\`\`\`text\n${(mail ?? '').trimEnd()}\n\`\`\``);
  });

  it('names the Node.js that package.json asks for, as CONTRIBUTING.md does', () => {
    const oldest = engines.node.replace('>=', '');
    for (const file of ['README.md', 'CONTRIBUTING.md']) {
      expect(read(file)).toContain(`Node.js ${oldest} or newer`);
    }
  });

  it('names every action that the function may need', () => {
    expect(PERMISSIONS.filter(({ action }) => !README.includes(`\`${action}\``))).toEqual([]);
  });

  it('shows configurations that a deployment accepts', () => {
    const shown = README.split('\n```json\n')
      .slice(1)
      .map((rest) =>
        (rest.split('\n```')[0] ?? '').replaceAll('PROJECT_ID', PROJECT).replaceAll('ORG_ID', ORG),
      );
    expect(shown.length).toBeGreaterThan(0);
    const folder = mkdtempSync(join(tmpdir(), 'thumbprint-readme-'));
    for (const json of shown) {
      writeFileSync(join(folder, 'monitor.config.json'), json);
      const { federation } = readConfiguration({}, folder);
      if (federation !== null) new FederationStack(new App(), 'CircleCiFederation', federation);
    }
    rmSync(folder, { recursive: true });
  });
});

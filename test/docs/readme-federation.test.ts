import { describe, expect, it } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programme } from '../../cli/arguments';
import { FEDERATION_KEYS } from '../../infra/configuration/keys';
import { readConfiguration } from '../../infra/configuration/configuration';
import { FederationStack } from '../../infra/federation/federation-stack';
import { federated } from '../support/federated';
import { permissionsOf } from '../support/stack';

const ROOT = join(__dirname, '..', '..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const GUIDE = readFileSync(join(ROOT, 'docs', 'from-terraform.md'), 'utf8');
const [, SECTION = ''] = /^## From nothing to a watched login in ten minutes\n(.*?)^## /ms.exec(README) ?? [];
const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const PROJECT = '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d58';

const commands = [...SECTION.matchAll(/^ {4}([a-z].+?)(?:\s+#.*)?$/gm)].map(([, command = '']) => command);
/** The files that the section shows. */
const files = [...SECTION.matchAll(/^```json\n(.*?)^```/gms)].map(([, json = '']) =>
  json.replaceAll('PROJECT_ID', PROJECT).replaceAll('ORG_ID', ORG),
);

describe('the README on the first login', () => {
  it('shows files by which both stacks are deployed', () => {
    const configurations = files.map((json) => {
      const folder = mkdtempSync(join(tmpdir(), 'thumbprint-readme-'));
      writeFileSync(join(folder, 'monitor.config.json'), json);
      const configuration = readConfiguration({}, folder);
      rmSync(folder, { recursive: true });
      return configuration;
    });
    expect(configurations).toMatchObject([
      {
        monitor: { orgs: [ORG], emails: ['you@example.com'] },
        federation: { org: ORG, project: PROJECT },
        recipientsDecided: true,
      },
      { federation: { origin: 'github.com/acme/app', ref: ['refs/heads/main'], repository: 'team/app' } },
    ]);
    for (const { federation } of configurations)
      if (federation !== null) new FederationStack(new App(), 'CircleCiFederation', federation);
  });

  it('shows only these commands', () => {
    expect(commands).toEqual([
      'npm ci',
      'cp monitor.config.example.json monitor.config.json',
      'npx cdk bootstrap',
      'npx cdk deploy CircleCiFederation',
      'npx cdk deploy ThumbprintDriftMonitor',
      'npm run audit -- --org ORG_ID',
    ]);
    const ignore = (): void => undefined;
    const [audit] = programme(ignore, ignore).commands;
    expect(audit?.options.map(({ long }) => long)).toContain('--org');
  });

  it('links to existing files', () => {
    const linked = [...SECTION.matchAll(/\]\(([^#)]+)\)/g)].map(([, file = '']) => file);
    expect(linked.length).toBeGreaterThan(3);
    expect(linked.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });

  it('names every key of the stack', () => {
    const named = [...SECTION.matchAll(/^\| (`.+?`) \|/gm)].flatMap(([, keys = '']) =>
      [...keys.matchAll(/\w+/g)].map(([key]) => key),
    );
    expect([...named].sort()).toEqual([...FEDERATION_KEYS].sort());
  });
});

describe('the guide from Terraform', () => {
  it('names the conditions, the subject and the actions that the construct writes', () => {
    const stack = new FederationStack(new App(), 'CircleCiFederation', {
      org: ORG,
      project: PROJECT,
      origin: 'github.com/acme/app',
      ref: 'refs/heads/main',
      repository: 'team/app',
    });
    const [role] = federated(stack).roles;
    const policy = role?.trustPolicy ?? '';
    const written = GUIDE.replaceAll('${var.org_id}', ORG)
      .replaceAll('${var.project_id}', PROJECT)
      .replaceAll('${local.any_user}', '????????-????-????-????-????????????');
    const [, subject = ''] = /subject {2}= "(.+)"/.exec(written) ?? [];
    expect(policy).toContain(`"${subject}"`);
    for (const [, variable = ''] of written.matchAll(/variable = "(.+)"/g))
      expect(policy).toContain(`"${variable}"`);
    const named = [...GUIDE.matchAll(/`(ecr:\w+)`/g)].map(([, action = '']) => action);
    const granted = permissionsOf(Template.fromStack(stack)).map(({ action }) => action);
    expect([...named].sort()).toEqual([...granted].sort());
  });

  it('links to its own headings', () => {
    const headings = [...GUIDE.matchAll(/^## (.+)$/gm)].map(([, words = '']) =>
      words.toLowerCase().replaceAll(' ', '-'),
    );
    const linked = [...GUIDE.matchAll(/\(#([\w-]+)\)/g)].map(([, anchor = '']) => anchor);
    expect(linked.length).toBeGreaterThan(3);
    expect(linked.filter((anchor) => !headings.includes(anchor))).toEqual([]);
  });
});

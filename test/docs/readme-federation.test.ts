import { describe, expect, it } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { programme } from '../../cli/arguments';
import { propsFromContext } from '../../infra/context';
import { FEDERATION_KEYS, federationFromContext } from '../../infra/federation-context';
import { FederationStack } from '../../infra/federation-stack';
import { federated } from '../support/federated';
import { permissionsOf } from '../support/stack';

const ROOT = join(__dirname, '..', '..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const GUIDE = readFileSync(join(ROOT, 'docs', 'from-terraform.md'), 'utf8');
const [, SECTION = ''] = /^## From nothing to a watched login in ten minutes\n(.*?)^## /ms.exec(README) ?? [];
const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const PROJECT = '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d58';

const commands = [...SECTION.matchAll(/^ {4}(.+?)(?:\s+#.*)?$/gm)].map(([, command = '']) => command);
const contextOf = (command: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...command.matchAll(/-c (\w+)=(\S+)/g)].map(([, key = '', value = '']) => [
      key,
      value.replace('ORG_ID', ORG).replace('PROJECT_ID', PROJECT),
    ]),
  );

describe('the README on the first login', () => {
  it('deploys the stack that lets a project in by what the app reads', () => {
    const contexts = commands
      .filter((command) => command.startsWith('npx cdk deploy CircleCiFederation'))
      .map(contextOf);
    expect(contexts).toHaveLength(2);
    for (const context of contexts) {
      const props = federationFromContext(context);
      expect(props).toMatchObject({ org: ORG, project: PROJECT });
      if (props !== null) new FederationStack(new App(), 'CircleCiFederation', props);
    }
  });

  it('deploys the monitor without a name, since no key asks for the other stack', () => {
    const [context = {}] = commands
      .filter((command) => command.startsWith('npx cdk deploy -c'))
      .map(contextOf);
    expect(propsFromContext(context)).toMatchObject({ orgs: [ORG], emails: ['you@example.com'] });
    expect(federationFromContext(context)).toBeNull();
  });

  it('shows no other command than these', () => {
    const rest = commands.filter((command) => !command.startsWith('npx cdk deploy'));
    expect(rest).toEqual(['npm ci', 'npx cdk bootstrap', 'npm run audit -- --org ORG_ID']);
    const ignore = (): void => undefined;
    const [audit] = programme(ignore, ignore).commands;
    expect(audit?.options.map(({ long }) => long)).toContain('--org');
  });

  it('links to files that are there', () => {
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

  it('links to headings that it has', () => {
    const headings = [...GUIDE.matchAll(/^## (.+)$/gm)].map(([, words = '']) =>
      words.toLowerCase().replaceAll(' ', '-'),
    );
    const linked = [...GUIDE.matchAll(/\(#([\w-]+)\)/g)].map(([, anchor = '']) => anchor);
    expect(linked.length).toBeGreaterThan(3);
    expect(linked.filter((anchor) => !headings.includes(anchor))).toEqual([]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { PERMISSIONS } from '../../lambda/permissions';
import { permissionsOf, templateOf } from '../support/stack';

const README = readFileSync(join(__dirname, '..', '..', 'README.md'), 'utf8');

/** The text under a heading, up to the next one of its level or above. */
function section(heading: string): string {
  const level = heading.split(' ')[0] ?? '';
  const from = README.indexOf(`\n${heading}\n`) + heading.length + 2;
  const rest = README.slice(from);
  const next = rest.search(new RegExp(`^#{1,${level.length}} `, 'm'));
  return next < 0 ? rest : rest.slice(0, next);
}

const rowsOf = (text: string): readonly (readonly string[])[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()));

describe('the README on the deployment', () => {
  it('counts the deployed resources', () => {
    const counted = Object.fromEntries(
      rowsOf(section('### What is deployed')).map(([, type = '', number]) => [
        type.replaceAll('`', ''),
        Number(number),
      ]),
    );
    const resources = v.parse(
      v.object({ Resources: v.record(v.string(), v.object({ Type: v.string() })) }),
      templateOf({ emails: ['you@example.com'] }).toJSON(),
    ).Resources;
    const types = Object.values(resources).map(({ Type }) => Type);
    const real = Object.fromEntries(
      [...new Set(types)].map((type) => [type, types.filter((one) => one === type).length]),
    );
    expect(counted).toEqual(real);
  });

  it('names every action that the function may have, and no other', () => {
    const named = rowsOf(section('## Permissions')).flatMap(([, actions = '']) =>
      [...actions.matchAll(/`([^`]+)`/g)].map(([, action = '']) => action),
    );
    const real = permissionsOf(templateOf({ update: 'guarded', chat: true }))
      .filter(({ role }) => role === 'MonitorRole')
      .map(({ action }) => action);
    expect([...named].sort()).toEqual([...new Set(real)].sort());
    for (const { action } of PERMISSIONS) expect(named).toContain(action);
  });
});

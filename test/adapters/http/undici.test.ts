import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as whole from 'undici';
import { version } from 'undici/package.json';
import { dependencies } from '../../../package.json';

const ROOT = join(__dirname, '..', '..', '..');
/** The files that name private files of undici. */
const USERS = ['lambda/adapters/http/undici.ts', 'infra/build/build.ts'];

describe('the private files of undici', () => {
  it('belong to the one version that package.json names', () => {
    expect(dependencies.undici).toBe(version);
  });

  it.each(USERS)('exist, as far as %s names them', (user) => {
    const named = readFileSync(join(ROOT, user), 'utf8').match(/undici\/lib\/[\w/-]+\.js/g) ?? [];
    expect(named.length).toBeGreaterThan(0);
    const missing = named.filter((file) => !existsSync(join(ROOT, 'node_modules', file)));
    expect(missing.map((file) => `undici ${version} has no ${file}, which ${user} needs`)).toEqual([]);
  });

  it('export what the public interface does', async () => {
    const files = await import('../../../lambda/adapters/http/undici');
    const differences = (['Client', 'buildConnector'] as const)
      .filter((name) => files[name] !== whole[name])
      .map((name) => `${name} of ${USERS[0]} is not that of undici ${version}`);
    expect(differences).toEqual([]);
  });
});

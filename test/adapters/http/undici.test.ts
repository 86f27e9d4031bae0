import { describe, expect, it } from '@jest/globals';
import * as whole from 'undici';
import { version } from 'undici/package.json';
import { dependencies } from '../../../package.json';

describe('the private files of undici', () => {
  it('belong to the one version that package.json names', () => {
    expect(dependencies.undici).toBe(version);
  });

  it('export what the public interface does', async () => {
    const files = await import('../../../lambda/adapters/http/undici');
    const differences = (['Client', 'buildConnector'] as const)
      .filter((name) => files[name] !== whole[name])
      .map((name) => `${name} of lambda/adapters/http/undici.ts is not that of undici ${version}`);
    expect(differences).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../../lambda/domain/errors';
import { readConfigFile } from '../../lambda/adapters/config-file';
import { wholeConfigText } from '../../lambda/config/config-file';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'thumbprint-config-'));
  writeFileSync(join(folder, 'config.json'), '{"orgs":["a"],"update":"guarded","topicArn":null}');
  writeFileSync(join(folder, 'list.json'), '[]');
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('wholeConfigText: the configuration in the environment and in a file', () => {
  it.each([undefined, '', '{}', '{"orgs":[]}', '[]', 'null', '{'])(
    'returns %j unchanged, without a file',
    async (json) => {
      expect(await wholeConfigText(json, (name) => readConfigFile(name, folder))).toBe(json);
    },
  );

  it('adds the entries of the file; those of the environment take precedence', async () => {
    const text = await wholeConfigText('{"configFile":"config.json","topicArn":"T","update":"off"}', (name) =>
      readConfigFile(name, folder),
    );
    expect(JSON.parse(text ?? '')).toEqual({ orgs: ['a'], update: 'off', topicArn: 'T' });
  });

  it.each([
    ['../config.json', /^configFile: must be the name of a file in the folder of the code/],
    ['list.json', /^configFile: the file "list\.json" does not contain a JSON object/],
  ])('refuses %j', async (configFile, words) => {
    const reading = wholeConfigText(JSON.stringify({ configFile }), (name) => readConfigFile(name, folder));
    await expect(reading).rejects.toThrow(ConfigError);
    await expect(reading).rejects.toThrow(words);
  });

  it('reports a missing file', async () => {
    const reading = wholeConfigText('{"configFile":"gone.json"}', (name) => readConfigFile(name, folder));
    await expect(reading).rejects.toThrow(ConfigError);
    await expect(reading).rejects.toThrow(
      /^configFile: the file "gone\.json" cannot be read \(ENOENT: .*\)\. Deploy the stack again\.$/,
    );
  });
});

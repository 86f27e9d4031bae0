import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../../lambda/core/errors';
import { readConfigText } from '../../lambda/io/config-file';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'thumbprint-config-'));
  writeFileSync(join(folder, 'config.json'), '{"orgs":["a"],"update":"guarded","topicArn":null}');
  writeFileSync(join(folder, 'list.json'), '[]');
  writeFileSync(join(folder, 'broken.json'), '{');
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('readConfigText', () => {
  it.each([undefined, '', '{}', '{"orgs":[]}', '[]', 'null', '{'])(
    'leaves %j to be judged as it is',
    async (json) => {
      expect(await readConfigText(json, folder)).toBe(json);
    },
  );

  it('adds the file; what the environment says holds', async () => {
    const text = await readConfigText('{"configFile":"config.json","topicArn":"T","update":"off"}', folder);
    expect(JSON.parse(text ?? '')).toEqual({ orgs: ['a'], update: 'off', topicArn: 'T' });
  });

  const aName = 'configFile: must be the name of a file beside the code, such as "config.json"; it is';
  it.each([
    ['../config.json', `${aName} "../config.json".`],
    ['/etc/config.json', `${aName} "/etc/config.json".`],
    ['config', `${aName} "config".`],
    ['', `${aName} "".`],
    [7, `${aName} 7.`],
    [null, `${aName} null.`],
    ['list.json', 'configFile: "list.json" holds no JSON object. Deploy the stack again.'],
    ['broken.json', 'configFile: "broken.json" holds no JSON object. Deploy the stack again.'],
  ])('refuses %j', async (configFile, message) => {
    await expect(readConfigText(JSON.stringify({ configFile }), folder)).rejects.toThrow(
      new ConfigError(message),
    );
  });

  it('says so where the file is gone', async () => {
    const reading = readConfigText('{"configFile":"gone.json"}', folder);
    await expect(reading).rejects.toThrow(ConfigError);
    await expect(reading).rejects.toThrow(
      /^configFile: "gone\.json" cannot be read \(ENOENT: .*\)\. Deploy the stack again\.$/,
    );
  });
});

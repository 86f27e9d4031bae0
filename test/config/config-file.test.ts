import { describe, expect, it } from '@jest/globals';
import { configFileOf, mergeConfigTexts } from '../../lambda/config/config-file';
import { ConfigError } from '../../lambda/domain/errors';

const naming = (configFile: unknown): string => JSON.stringify({ configFile });

describe('configFileOf', () => {
  it.each([undefined, '', '{}', '{"orgs":[]}', '[]', '[{"configFile":"a.json"}]', 'null', '7', '{'])(
    'finds no file in %j',
    (json) => {
      expect(configFileOf(json)).toBeNull();
    },
  );

  it.each(['config.json', '0.json', 'A_b-9.json', `a${'b'.repeat(60)}.json`])('accepts %s', (name) => {
    expect(configFileOf(naming(name))).toBe(name);
  });

  it.each([
    ['../config.json', '"../config.json"'],
    ['/etc/config.json', '"/etc/config.json"'],
    ['config', '"config"'],
    ['configXjson', '"configXjson"'],
    ['config.json.txt', '"config.json.txt"'],
    ['-config.json', '"-config.json"'],
    ['.json', '".json"'],
    ['con fig.json', '"con fig.json"'],
    ['config.json\n', String.raw`"config.json\u{a}"`],
    [`a${'b'.repeat(61)}.json`, `"a${'b'.repeat(61)}.json"`],
    ['', '""'],
    [7, '7'],
    [null, 'null'],
    [['config.json'], 'a list'],
  ])('refuses %j', (name, shown) => {
    const message = `configFile: must be the name of a file in the folder of the code, such as "config.json"; it is ${shown}.`;
    expect(() => configFileOf(naming(name))).toThrow(ConfigError);
    expect(() => configFileOf(naming(name))).toThrow(new ConfigError(message));
  });
});

describe('mergeConfigTexts', () => {
  const file = '{"orgs":["a"],"update":"guarded","topicArn":null,"configFile":"b.json"}';

  it.each([
    ['{"configFile":"a.json","topicArn":"T","update":"off"}', { orgs: ['a'], update: 'off', topicArn: 'T' }],
    ['{"configFile":"a.json"}', { orgs: ['a'], update: 'guarded', topicArn: null }],
    [undefined, { orgs: ['a'], update: 'guarded', topicArn: null }],
  ])('adds the file to %j, whose entries take precedence', (json, merged) => {
    expect(JSON.parse(mergeConfigTexts(json, 'a.json', file))).toEqual(merged);
  });

  it.each(['', '{', '[]', 'null', '"{}"', '7'])('refuses a file that contains %j', (text) => {
    const message = 'configFile: the file "a.json" does not contain a JSON object. Deploy the stack again.';
    expect(() => mergeConfigTexts('{}', 'a.json', text)).toThrow(ConfigError);
    expect(() => mergeConfigTexts('{}', 'a.json', text)).toThrow(new ConfigError(message));
  });

  it('refuses a file that can be parsed but not written', () => {
    const deep = `{"orgs":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(() => mergeConfigTexts('{}', 'a.json', deep)).toThrow(
      expect.objectContaining({
        name: 'ConfigError',
        message: 'configFile: the file "a.json" has too many levels of nesting. Deploy the stack again.',
        cause: expect.objectContaining({ message: 'Maximum call stack size exceeded' }),
      }),
    );
  });
});

import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mint } from '../../demo/authority';
import { readChain } from '../../lambda/x509/chain';
import { configFileOf, mergeConfigTexts } from '../../lambda/config/config-file';
import { CONFIG_KEYS, configDifference, parseConfig, parseConfigText } from '../../lambda/config/config';
import type { MonitorConfig } from '../../lambda/config/config';
import { ConfigError } from '../../lambda/domain/errors';
import { rootsAbove } from '../../lambda/x509/verify';
import { openAnchors } from '../../lambda/x509/anchor-set';
import { expectCleanPrototypes, expectJsonSafe, expectShowable, fuzzing } from '../support/fuzz';
import { anyUrl } from '../support/any-text';
import { damaged, hostileText, mutatedJson } from '../support/hostile';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const or = (usual: string) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: hostileText });

let pem = '';
beforeAll(async () => {
  ({ pem } = await mint({ commonName: 'Example Root', ca: true }));
});

const valid = fc.record(
  {
    orgs: fc.array(or(ORG), { maxLength: 3 }),
    issuers: fc.array(fc.oneof(or('https://ci.example.com:8443/org/x/'), anyUrl('https')), { maxLength: 3 }),
    discover: or('all'),
    update: or('guarded'),
    holdDownHours: fc.oneof(fc.integer({ min: -1, max: 721 }), fc.double()),
    expiryDays: fc.integer({ min: 0, max: 366 }),
    trustAnchors: fc.oneof(
      fc.constant('PEM'),
      fc.dictionary(or('ci.example.com:8443'), or('PEM'), { maxKeys: 3 }),
      hostileText,
    ),
    accept: fc.array(
      fc.record({
        check: or('DISC003'),
        issuer: or('https://ci.example.com'),
        reason: or('known'),
        until: fc.oneof(
          fc.constantFrom(
            '2027-01-31',
            '2027-02-30',
            '2027-01-31T12:00:00Z',
            '0000-00-00',
            '2027-01-01T24:00Z',
          ),
          fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
          fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10)),
          hostileText,
        ),
      }),
      { maxLength: 2 },
    ),
    allowPrivateNetworks: fc.boolean(),
    topicArn: or('arn:aws:sns:eu-west-1:123456789012:alerts'),
    stateTable: or('memory'),
  },
  { requiredKeys: [] },
);
/** Of the others hardly any is accepted: these show the result of one that is. */
const sound = fc.record(
  {
    orgs: fc.subarray([ORG]),
    issuers: fc.subarray(['https://ci.example.com:8443', 'https://ci.example.com/path']),
    discover: fc.constantFrom('all', 'none'),
    update: fc.constantFrom('off', 'guarded'),
    holdDownHours: fc.integer({ min: 1, max: 720 }),
    expiryDays: fc.integer({ min: 1, max: 365 }),
    trustAnchors: fc.constantFrom('PEM', { 'ci.example.com:8443': 'PEM' }),
    accept: fc.subarray([
      { check: 'DISC003', issuer: 'https://ci.example.com', reason: 'known', until: '2027-01-31' },
    ]),
    allowPrivateNetworks: fc.boolean(),
    topicArn: fc.constant('arn:aws:sns:eu-west-1:123456789012:alerts'),
    stateTable: fc.constant('memory'),
  },
  { requiredKeys: [] },
);
const texts = fc.oneof(
  { weight: 3, arbitrary: damaged(valid.chain(mutatedJson)) },
  { weight: 1, arbitrary: sound.map((config) => JSON.stringify(config)) },
);

function read(judge: () => MonitorConfig): MonitorConfig | ConfigError {
  try {
    return judge();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

function expectConfig(judged: MonitorConfig | ConfigError): void {
  expectCleanPrototypes();
  if (judged instanceof ConfigError) {
    expect(judged.message).not.toBe('');
    expectShowable(judged.message, 'many');
    return;
  }
  expectJsonSafe(judged);
  // Written and parsed again it is the same.
  expect(parseConfig(JSON.parse(JSON.stringify(configDifference(judged))))).toEqual(judged);
  for (const bundle of Object.values(judged.trustAnchors))
    expect(rootsAbove([], openAnchors([bundle]).all())).toEqual([]);
}

describe('any configuration', () => {
  it('is refused with a message, or parsed as written', () => {
    let [accepted, refused] = [0, 0];
    fc.assert(
      fc.property(texts, (text) => {
        const json = text.replaceAll('"PEM"', JSON.stringify(pem));
        const judged = read(() => parseConfigText(json));
        expectConfig(judged);
        if (judged instanceof ConfigError) refused += 1;
        else {
          accepted += 1;
          if (judged.update !== 'off') expect(json).toContain(`"${judged.update}"`);
        }
      }),
      fuzzing(),
    );
    expect(Math.min(accepted, refused)).toBeGreaterThan(0);
  });

  it('may be any value, of any value for each key', () => {
    const keys = Object.fromEntries(CONFIG_KEYS.map((key) => [key, fc.jsonValue()]));
    const values = fc.oneof(
      fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true }),
      fc.record(keys, { requiredKeys: [] }),
    );
    fc.assert(
      fc.property(values, (value) => {
        expectConfig(read(() => parseConfig(value)));
      }),
      fuzzing(),
    );
  });

  it('may come in two parts', () => {
    fc.assert(
      fc.property(texts, texts, or('config.json'), (environment, file, name) => {
        const whole = environment.replace('{', `{"configFile":${JSON.stringify(name)},`);
        expectConfig(
          read(() => {
            const found = configFileOf(whole);
            return parseConfigText(found === null ? whole : mergeConfigTexts(whole, found, file));
          }),
        );
      }),
      fuzzing(),
    );
  });
});

describe('any bytes as a private authority', () => {
  it('are refused, or an authority that can verify chains', async () => {
    const root = await mint({ commonName: 'Example Root', ca: true });
    const leaf = await mint({ commonName: 'ci.example.com', signedBy: root });
    const chain = readChain([leaf.certificate.raw]);
    const tops = chain.ok ? chain.value.ends : [];
    expect(rootsAbove(tops, openAnchors([root.pem]).all())).toEqual([root.thumbprint]);
    fc.assert(
      fc.property(fc.nat(), fc.nat(255), (at, byte) => {
        const bytes = Buffer.from(root.certificate.raw);
        bytes[at % bytes.length] = byte;
        const text = `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64')}\n-----END CERTIFICATE-----\n`;
        const judged = read(() => parseConfig({ issuers: ['https://ci.example.com'], trustAnchors: text }));
        if (judged instanceof ConfigError) return;
        expect(
          rootsAbove(tops, openAnchors(Object.values(judged.trustAnchors)).all()).length,
        ).toBeLessThanOrEqual(1);
      }),
      fuzzing(),
    );
  });
});

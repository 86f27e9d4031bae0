import { describe, expect, it } from '@jest/globals';
import { readPolicy } from '../../lambda/iam-policy/parse';

const PROVIDER = 'arn:aws:iam::123456789012:oidc-provider/oidc.circleci.com';
const STATEMENT = {
  Effect: 'Allow',
  Principal: { Federated: PROVIDER },
  Action: 'sts:AssumeRoleWithWebIdentity',
};
const TEXTS = 'statement 1 has an empty list or a value that is not a string';
const STAR = 'the Principal of statement 1 has the unknown element "*"';
const policy = (change: object = {}, statement: object = STATEMENT): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: { ...statement, ...change } });

describe('readPolicy', () => {
  it('parses the percent-encoded policy of AWS', () => {
    const document = policy({
      Sid: 'Ci',
      Condition: { StringLike: { 'Oidc.CircleCI.com:SUB': 'org/*', n: [1, true] } },
    });
    const read = readPolicy(encodeURIComponent(document));
    expect(read).toEqual({
      ok: true,
      statements: [
        {
          name: '"Ci"',
          index: 0,
          effect: 'Allow',
          principals: { kind: 'named', everyone: false, federated: [PROVIDER], wildcard: false },
          actions: ['sts:AssumeRoleWithWebIdentity'],
          notAction: false,
          conditions: [
            { operator: 'StringLike', key: 'oidc.circleci.com:sub', values: ['org/*'] },
            { operator: 'StringLike', key: 'n', values: ['1', 'true'] },
          ],
        },
      ],
    });
    expect(readPolicy(document)).toEqual(read);
    expect(readPolicy(` ${document}`)).toEqual(read);
  });

  it('accepts percent signs in a plain document', () => {
    for (const space of ['', '\n ']) {
      const read = readPolicy(`${space}${policy({ Condition: { StringEquals: { k: '100%25' } } })}`);
      expect(read).toMatchObject({ statements: [{ conditions: [{ values: ['100%25'] }] }] });
    }
  });

  it('accepts statements about other actions, and names a statement by its index if its Sid is empty', () => {
    const concerns = { Sid: '', Principal: { CanonicalUser: 'x', Service: 'y' } };
    const document = JSON.stringify({ Id: 'p', Statement: [{ ...STATEMENT, ...concerns }, STATEMENT] });
    expect(readPolicy(document)).toMatchObject({
      statements: [
        { name: 'statement 1', principals: { federated: [], wildcard: false } },
        { name: 'statement 2' },
      ],
    });
  });

  it.each([
    [{ Principal: '*' }, { kind: 'named', everyone: true, federated: [], wildcard: false }],
    [{ Principal: { AWS: '*' } }, { kind: 'named', everyone: true, federated: [], wildcard: false }],
    [{ Principal: { '*': '*' } }, { kind: 'named', everyone: true, federated: [], wildcard: true }],
    [
      { Effect: 'Deny', Principal: { '*': '*' } },
      { everyone: false, wildcard: true },
    ],
    [{ Principal: { Federated: ['a', 'b*'] } }, { federated: ['a', 'b*'], wildcard: true }],
    [{ Principal: { Service: 'lambda.amazonaws.com' } }, { federated: [], wildcard: false }],
    [
      { NotPrincipal: { Federated: PROVIDER }, Principal: undefined },
      { kind: 'all-but', federated: [PROVIDER] },
    ],
  ])('parses the principal of %j', (change, principals) => {
    expect(readPolicy(policy(change))).toMatchObject({ statements: [{ principals }] });
  });

  it.each([
    ['nothing', '', 'it is not JSON'],
    ['a broken encoding', '%7B%E0%A4%A', 'it is not JSON'],
    ['a list', '[]', 'it is not a JSON object'],
    ['an element twice', '{"Statement":[],"Statement":[]}', 'the policy contains "Statement" twice'],
    ['no statement', '{"Version":"2012-10-17"}', 'it has no Statement'],
    ['a statement that is none', '{"Statement":"x"}', 'statement 1 is not an object'],
    ['an unknown element', policy({ Resource: '*' }), 'statement 1 has the unknown element "Resource"'],
    [
      'an unknown element of the policy',
      '{"Statement":[],"statement":[]}',
      'the policy has the unknown element "statement"',
    ],
    ['another effect', policy({ Effect: 'allow' }), 'statement 1 has no Effect with the value Allow or Deny'],
    ['no action', policy({ Action: undefined }), 'statement 1 has no Action'],
    ['an action that is no text', policy({ Action: [{}] }), TEXTS],
    ['an action that is no text among others', policy({ Action: ['sts:*', {}] }), TEXTS],
    ['a null condition', policy({ Condition: null }), 'the Condition of statement 1 is not an object'],
    ['no value', policy({ Condition: { StringEquals: { k: [] } } }), TEXTS],
    ['a null value', policy({ Condition: { StringEquals: { k: null } } }), TEXTS],
    ['no principal', policy({ Principal: undefined }), 'statement 1 has no Principal'],
    ['a principal that is none', policy({ Principal: 'x' }), 'the Principal of statement 1 is not an object'],
    ['an empty principal', policy({ Principal: {} }), 'the Principal of statement 1 is empty'],
    [
      'two principals',
      policy({ NotPrincipal: { AWS: 'x' } }),
      'statement 1 has both Principal and NotPrincipal',
    ],
    ['a null value as principal', policy({ Principal: { '*': null } }), STAR],
    ['everybody and somebody', policy({ Principal: { '*': ['*', 'x'] } }), STAR],
    [
      'a version of its own',
      '{"Statement":[],"Version":"2031-01-01"}',
      'its Version is neither 2012-10-17 nor 2008-10-17',
    ],
    [
      'an unknown kind of principal',
      policy({ Principal: { federated: PROVIDER } }),
      'the Principal of statement 1 has the unknown element "federated"',
    ],
    ['conditions that are none', policy({ Condition: 'x' }), 'the Condition of statement 1 is not an object'],
    [
      'an operator without keys',
      policy({ Condition: { StringEquals: 'x' } }),
      'StringEquals of statement 1 is not an object',
    ],
    [
      'a condition in two spellings',
      policy({ Condition: { StringEquals: { k: 'a', K: 'b' } } }),
      'statement 1 contains the same condition twice',
    ],
  ])('does not evaluate a policy with %s', (_what, document, reason) => {
    expect(readPolicy(document)).toEqual({ ok: false, statements: [], reason });
  });

  it('parses every statement independently', () => {
    const wrong = { ...STATEMENT, Action: [] };
    const denial = { ...STATEMENT, Effect: 'Deny' };
    const document = JSON.stringify({ Statement: [STATEMENT, wrong, denial] });
    const effects = (text: string): readonly string[] =>
      readPolicy(text).statements.map(({ name, effect }) => `${name}: ${effect}`);
    expect(readPolicy(document)).toMatchObject({ ok: false, reason: TEXTS.replace('1', '2') });
    expect(effects(document)).toEqual(['statement 1: Allow', 'statement 3: Deny']);
    // The text around the statements may change their meaning, so that no Deny is certain.
    expect(effects(document.replace('{', '{"Rules":[],'))).toEqual(['statement 1: Allow']);
    expect(effects(`\uFEFF${document}`)).toEqual(['statement 1: Allow']);
  });
});

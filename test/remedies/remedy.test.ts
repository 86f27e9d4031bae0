import { describe, expect, it } from '@jest/globals';
import {
  correctionRemedy,
  createCommand,
  lookInCloudTrail,
  terraformList,
  updateCommand,
} from '../../lambda/remedies/remedy';
import { issuerOf } from '../support/reports';

const ARN = 'arn:aws:iam::123456789012:oidc-provider/ci.example.com';
/** A thumbprint for each letter. */
const list = (letters: string): readonly string[] => Array.from(letters, (letter) => letter.repeat(40));
const words = (letters: string): string => list(letters).join(' ');
const update = (values: string): string =>
  `aws iam update-open-id-connect-provider-thumbprint \\\n  --open-id-connect-provider-arn ${ARN} \\\n  --thumbprint-list ${values}`;

describe('updateCommand and correctionRemedy', () => {
  const remedy = (listed: string, expected: string): string =>
    correctionRemedy({ arn: ARN, thumbprints: list(listed) }, list(expected));

  it('preserves what is listed', () => {
    expect(remedy('a', 'b')).toBe(
      `List the certificates that are served now, beside those listed before:\n${update(words('ab'))}`,
    );
  });

  it('is absent if the list would be too long: its reader decides', () => {
    expect(remedy('abcd', 'e')).toContain(update(words('abcde')));
    expect(remedy('abcd', 'ef')).toBe(
      `The list would hold 6 thumbprints; IAM permits 5. Which entries were ever verified is not known here. Decide which to give up, first those that were never verified, then add ${words('ef')}.`,
    );
  });

  it('writes an empty list as the AWS CLI takes it, and each thumbprint once in one spelling', () => {
    expect(updateCommand(ARN, [])).toEqual({ ok: true, value: update("'[]'") });
    const spelled = [words('a').toUpperCase(), words('a').replaceAll(/..(?!$)/g, '$&:'), words('a')];
    expect(updateCommand(ARN, spelled)).toEqual({ ok: true, value: update(words('a')) });
  });

  it('is absent if the list has an invalid thumbprint: it would replace the whole list', () => {
    const injected = '--endpoint-url=https://attacker.example/\u001b';
    const remedy = correctionRemedy({ arn: ARN, thumbprints: [...list('a'), injected] }, list('b'));
    expect(remedy).not.toMatch(/aws iam|\n/);
    expect(remedy).toContain(String.raw`"--endpoint-url=https://attacker.example/\u{1b}"`);
    expect(updateCommand(ARN, [injected]).ok).toBe(false);
    expect(terraformList([...list('a'), injected], list('b'))).toBeNull();
  });

  it('is absent if the provider has no ARN that can be pasted', () => {
    expect(updateCommand('--profile', list('a')).ok).toBe(false);
    expect(updateCommand('', list('a')).ok).toBe(false);
  });
});

it('terraformList has the same list, or none if IAM would refuse it', () => {
  expect(terraformList(list('a'), list('b'))).toBe(
    `  thumbprint_list = [\n    "${words('a')}",\n    "${words('b')}",\n  ]`,
  );
  expect(terraformList(list('abcd'), list('e'))).toContain(words('e'));
  expect(terraformList(list('abcd'), list('ef'))).toBeNull();
});

describe('createCommand', () => {
  it.each([
    [issuerOf('a'), issuerOf('a'), 'aaaaaaaa-1111-4111-8111-111111111111'],
    ['https://ci.example.com', 'https://ci.example.com', 'AUDIENCE'],
    ["https://ci.example.com/a'b", String.raw`'https://ci.example.com/a'\''b'`, 'AUDIENCE'],
  ])('for %s', (issuer, url, audience) => {
    expect(createCommand(issuer)).toEqual({
      ok: true,
      value: `aws iam create-open-id-connect-provider \\\n  --url ${url} \\\n  --client-id-list ${audience}`,
    });
  });
});

it('lookInCloudTrail names the region in which IAM writes its events', () => {
  expect(lookInCloudTrail('CreateOpenIDConnectProvider')).toBe(
    'Look for it in CloudTrail, region us-east-1 (the first region of the partition), where IAM writes its events: CreateOpenIDConnectProvider.',
  );
});

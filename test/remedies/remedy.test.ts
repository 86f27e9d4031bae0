import { describe, expect, it } from '@jest/globals';
import {
  correctionRemedy,
  createRemedy,
  fullRemedy,
  lookInCloudTrail,
  replacePolicyStep,
  terraformList,
  updateCommand,
} from '../../lambda/remedies/remedy';
import { remedySteps } from '../../lambda/remedies/steps';
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
    expect(remedy('a', 'b')).toBe(`Add the new thumbprint (existing entries stay):\n${update(words('ab'))}`);
  });

  it('is absent if the list would be too long: its reader decides', () => {
    expect(remedy('abcd', 'e')).toContain(update(words('abcde')));
    expect(remedySteps(remedy('abcd', 'ef'))).toEqual([
      {
        prose: expect.stringMatching(/would have 6 .* IAM permits 5.* Decide which entry to remove/),
        command: null,
      },
      { prose: `Then add the new thumbprints: ${list('ef').join(', ')}.`, command: null },
    ]);
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

describe('fullRemedy: a list without room', () => {
  const provider = { arn: ARN, thumbprints: list('abcde') };

  it('removes what was never verified, with the command under its own sentence', () => {
    const steps = remedySteps(
      fullRemedy(provider, list('f'), { anchored: list('abcd'), known: list('abcde') }),
    );
    expect(steps).toEqual([
      { prose: expect.stringContaining(words('e')), command: null },
      {
        prose: expect.stringMatching(/^If nobody needs this entry/),
        command: update(list('abcdf').join(' ')),
      },
    ]);
  });

  it.each([
    ['all entries were verified', list('abcde'), list('f')],
    ['all but one were verified, and two are needed', list('abcd'), list('fg')],
  ])('has no command if %s', (_, anchored, proposed) => {
    const steps = remedySteps(fullRemedy(provider, proposed, { anchored, known: anchored }));
    expect(steps.map(({ command }) => command)).toEqual([null, null]);
  });
});

describe('createRemedy', () => {
  it('has a command for a CircleCI org, whose audience is known', () => {
    const [create, other] = remedySteps(createRemedy(issuerOf('a')));
    expect(create?.command).toBe(
      `aws iam create-open-id-connect-provider \\\n  --url ${issuerOf('a')} \\\n  --client-id-list aaaaaaaa-1111-4111-8111-111111111111`,
    );
    expect(other?.command).toBeNull();
  });

  it.each(['https://ci.example.com', "https://ci.example.com/a'b", 'no URL'])(
    'has no command for %s, whose audience is not known, and says how to find it',
    (issuer) => {
      const [create, ...others] = remedySteps(createRemedy(issuer));
      expect(create?.prose).toContain(`"${issuer}"`);
      expect(create?.prose).toContain('"aud"');
      expect([create, ...others].map((step) => step?.command)).toEqual([null, null]);
    },
  );
});

it('replacePolicyStep names the role without its path', () => {
  expect(remedySteps(replacePolicyStep('arn:aws:iam::123456789012:role/ci/deploy'))).toEqual([
    {
      prose: expect.stringContaining('trust policy'),
      command:
        'aws iam update-assume-role-policy \\\n  --role-name deploy \\\n  --policy-document file://trust-policy-deploy.json',
    },
  ]);
});

it('lookInCloudTrail names the region in which IAM writes its events', () => {
  const words = lookInCloudTrail('CreateOpenIDConnectProvider');
  expect(words).toContain(
    'CloudTrail for the event CreateOpenIDConnectProvider. IAM records its events in us-east-1',
  );
});

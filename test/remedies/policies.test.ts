import { describe, expect, it } from '@jest/globals';
import { correctedPolicySteps } from '../../lambda/remedies/remedy';
import { MAX_POLICIES, MORE_POLICIES, fewPolicies, refersToMore } from '../../lambda/remedies/policies';
import { isHereDocument, remedySteps } from '../../lambda/remedies/steps';

const policy = (name: string, version = '2012-10-17'): string =>
  correctedPolicySteps(`arn:aws:iam::123456789012:role/${name}`, {
    document: `{\n  "Version": "${version}"\n}`,
    placeholders: [],
    length: 100,
  });
const remedy = (advice: string, ...given: Parameters<typeof policy>): string =>
  `${advice}\n\n${policy(...given)}`;

describe('fewPolicies', () => {
  it('changes no remedy without a policy', () => {
    const limited = fewPolicies(0);
    for (const text of ['', 'Renew it.', 'Do it:\naws iam a \\\n  --b c\n\nOr do not.'])
      expect(limited(text)).toBe(text);
  });

  it('leaves the first five, and names the command that shows the others', () => {
    const limited = fewPolicies();
    const names = Array.from({ length: MAX_POLICIES }, (_, index) => `role-${index}`);
    for (const name of names) expect(limited(remedy('Limit it.', name))).toBe(remedy('Limit it.', name));
    const more = limited(remedy('Limit it.', 'another'));
    expect(more).toBe(`Limit it.\n\n${MORE_POLICIES}`);
    expect(refersToMore(more)).toBe(true);
    expect(refersToMore(remedy('Limit it.', 'another'))).toBe(false);
    expect(MORE_POLICIES).toContain('thumbprint-monitor audit --output markdown');
  });

  it('repeats no policy, and says where it is', () => {
    const limited = fewPolicies(2);
    expect(limited(remedy('Limit it.', 'a'))).toBe(remedy('Limit it.', 'a'));
    expect(limited(remedy('Name ids.', 'a'))).toBe(
      'Name ids.\n\nThe corrected policy above includes this change.',
    );
    // Another policy of the same role is another one.
    expect(limited(remedy('Name ids.', 'a', '2008-10-17'))).toBe(remedy('Name ids.', 'a', '2008-10-17'));
    expect(limited(remedy('Name ids.', 'b'))).toBe(`Name ids.\n\n${MORE_POLICIES}`);
    expect(limited(remedy('Limit it.', 'a'))).toMatch(/above/);
  });
});

describe('isHereDocument', () => {
  it('is true for a command that writes a file', () => {
    const commands = remedySteps(policy('a')).map(({ command }) => command);
    expect(commands.map(isHereDocument)).toEqual([true, false]);
    expect([null, '', 'aws iam a', "aws iam a\ncat <<'EOF'\nEOF"].map(isHereDocument)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});

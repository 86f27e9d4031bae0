import { describe, expect, it } from '@jest/globals';
import { awsProblem } from '../../cli/aws-problems';

const CALL = 'User: u is not authorized to perform: lambda:InvokeFunction on resource: f';
const denied = (reason: string): string =>
  awsProblem(
    Object.assign(new Error(`${CALL} ${reason}`.trim()), { name: 'AccessDeniedException' }),
    'lambda:InvokeFunction',
    'monitor',
  );

describe('the sentence about a call that AWS denied', () => {
  it.each([
    [
      'because no identity-based policy allows the lambda:InvokeFunction action',
      "Allow it in the caller's policy.",
    ],
    ['', "Allow it in the caller's policy."],
    [
      'with an explicit deny in a service control policy',
      'An administrator of the organization must remove the Deny from its service control policies.',
    ],
    [
      'because no permissions boundary allows the lambda:InvokeFunction action',
      "Extend the caller's permissions boundary, which does not allow it.",
    ],
    [
      'because no session policy allows the lambda:InvokeFunction action',
      "Allow it in the session policy with which the caller's session was created.",
    ],
  ])('has the remedy for the policy that denied it, and the explanation of AWS: "%s"', (reason, remedy) => {
    expect(denied(reason)).toBe(
      `AWS denied lambda:InvokeFunction on "monitor". ${remedy} AWS said: "${`${CALL} ${reason}`.trim()}"`,
    );
  });
});

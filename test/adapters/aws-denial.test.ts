import { describe, expect, it } from '@jest/globals';
import { denialOf, denialRemedy } from '../../lambda/adapters/aws-denial';
import type { Denial } from '../../lambda/adapters/aws-denial';
import { awsFailure } from '../../lambda/adapters/aws-errors';

const USER = 'User: arn:aws:sts::123456789012:assumed-role/monitor/run is not authorized to perform:';
const LIST = `${USER} iam:ListOpenIDConnectProviders on resource: *`;

/** AWS's sentences to the letter, why AWS denied the call, and the remedy. */
const DENIALS: readonly (readonly [string, Denial, string])[] = [
  [
    `${LIST} with an explicit deny in a service control policy`,
    { kind: 'service control policy', basis: 'denies' },
    'an administrator of the organization must remove the Deny from its service control policies',
  ],
  [
    `${LIST} with an explicit deny in a service control policy: arn:aws:organizations::111122223333:policy/o-abcd123456/service_control_policy/p-1234abcd`,
    { kind: 'service control policy', basis: 'denies' },
    'an administrator of the organization must remove the Deny from its service control policies',
  ],
  [
    `${LIST} because no service control policy allows the iam:ListOpenIDConnectProviders action`,
    { kind: 'service control policy', basis: 'lacks' },
    'an administrator of the organization must allow it in its service control policies',
  ],
  [
    `${USER} sns:Publish on resource: arn:aws:sns:eu-west-1:123456789012:alerts with an explicit deny in a resource control policy`,
    { kind: 'resource control policy', basis: 'denies' },
    'an administrator of the organization must remove the Deny from its resource control policies',
  ],
  [
    `${USER} sns:Publish on resource: arn:aws:sns:eu-west-1:123456789012:alerts because no resource control policy allows the sns:Publish action`,
    { kind: 'resource control policy', basis: 'lacks' },
    'an administrator of the organization must allow it in its resource control policies',
  ],
  [
    `${USER} iam:ListRoles on resource: arn:aws:iam::123456789012:role/ because no permissions boundary allows the iam:ListRoles action`,
    { kind: 'permissions boundary', basis: 'lacks' },
    "extend the caller's permissions boundary, which does not allow it",
  ],
  [
    `${LIST} with an explicit deny in a permissions boundary: arn:aws:iam::123456789012:policy/boundary`,
    { kind: 'permissions boundary', basis: 'denies' },
    "remove the Deny from the caller's permissions boundary",
  ],
  [
    `${LIST} because no session policy allows the iam:ListOpenIDConnectProviders action`,
    { kind: 'session policy', basis: 'lacks' },
    "allow it in the session policy with which the caller's session was created",
  ],
  [
    `${LIST} with an explicit deny in a session policy`,
    { kind: 'session policy', basis: 'denies' },
    "remove the Deny from the session policy with which the caller's session was created",
  ],
  [
    `${LIST} because no identity-based policy allows the iam:ListOpenIDConnectProviders action`,
    { kind: 'identity-based policy', basis: 'lacks' },
    "allow it in the caller's policy",
  ],
  [
    `${LIST} with an explicit deny in an identity-based policy: arn:aws:iam::123456789012:policy/deny`,
    { kind: 'identity-based policy', basis: 'denies' },
    "remove the Deny from the caller's policy",
  ],
  [
    `${USER} sns:ListSubscriptionsByTopic on resource: arn:aws:sns:eu-west-1:111122223333:alerts because no resource-based policy allows the sns:ListSubscriptionsByTopic action`,
    { kind: 'resource-based policy', basis: 'lacks' },
    'allow it in the policy of that resource',
  ],
  [
    `${USER} dynamodb:PutItem on resource: arn:aws:dynamodb:eu-west-1:123456789012:table/state with an explicit deny in a VPC endpoint policy`,
    { kind: 'VPC endpoint policy', basis: 'denies' },
    'remove the Deny from the policy of the VPC endpoint',
  ],
  [
    `${LIST} with an explicit deny`,
    { kind: null, basis: 'denies' },
    'find the policy that denies it, and remove the Deny',
  ],
];

const deniedAs = (message: string): Error => Object.assign(new Error(message), { name: 'AccessDenied' });

describe('the policy that denied an AWS call', () => {
  it.each(DENIALS)('is read from "%s"', (message, denial, remedy) => {
    expect(denialOf(message)).toEqual(denial);
    expect(awsFailure(deniedAs(message), 'iam:ListOpenIDConnectProviders', '*')).toEqual({
      step: 'iam',
      code: 'AWS_ACCESS_DENIED',
      message: `AWS denied iam:ListOpenIDConnectProviders on *: ${remedy} (AccessDenied).`,
      detail: message,
    });
  });

  it.each([
    '',
    LIST,
    'Access Denied',
    `${LIST} because no kind of policy that exists tomorrow policy allows the iam:ListRoles action`,
    `${LIST} because no constructor policy allows the iam:ListRoles action`,
    'You are not authorized to perform this operation.',
  ])('is not known from "%s": the remedy is the usual one', (message) => {
    expect(denialOf(message)).toBeNull();
    expect(denialRemedy(message)).toBe("allow it in the caller's policy");
  });

  it('is unknown if AWS names a kind of policy for a Deny that does not exist today', () => {
    expect(denialOf(`${LIST} with an explicit deny in a galactic policy`)).toEqual({
      kind: null,
      basis: 'denies',
    });
  });
});

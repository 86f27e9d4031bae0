/**
 * TRUST001 of roles whose trust policy could not be parsed: one per role, however many providers it may
 * trust.
 */
import type { Finding } from '../../domain/types';
import type { TrustIndex } from './role-index';
import { withCommand } from '../../remedies/command';
import { replaceTrustPolicy } from '../../remedies/remedy';
import { NOT_READ } from './words';

/**
 * One finding for each role of the account with a policy that could not be parsed, as a whole or in parts.
 */
export function* evaluateUnparsed({ loose }: TrustIndex): Generator<Finding> {
  for (const { role, policy } of loose) {
    if (policy.ok) continue;
    yield {
      check: 'TRUST001',
      severity: 'medium',
      subject: role.arn,
      message: `The trust policy of ${role.arn} could not be parsed: ${policy.reason}. So it was not evaluated who can assume the role, and it counts as one that trusts every OIDC provider of the account. ${NOT_READ}`,
      remedy: withCommand(
        'Write the policy by the grammar of IAM, with capitals as documented and without empty lists. Then replace it',
        replaceTrustPolicy(role.arn),
      ),
    };
  }
}

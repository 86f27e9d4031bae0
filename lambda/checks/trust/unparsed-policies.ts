/**
 * TRUST001 of roles whose trust policy could not be parsed: one per role, however many providers it may
 * trust.
 */
import type { Finding } from '../../domain/types';
import type { TrustIndex } from './role-index';
import { joinSteps } from '../../remedies/command';
import { replacePolicyStep } from '../../remedies/remedy';
import { CONTROL_POLICIES } from './words';

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
      notEvaluated: true,
      message: `${role.arn} has a trust policy that could not be parsed: ${policy.reason}. The monitor could not evaluate who can assume the role. The monitor treats it as a role that trusts every OIDC provider of the account. ${CONTROL_POLICIES}`,
      remedy: joinSteps(
        'Correct the policy: write each element exactly as IAM documents it, including capital letters, and without empty lists.',
        replacePolicyStep(role.arn),
      ),
    };
  }
}

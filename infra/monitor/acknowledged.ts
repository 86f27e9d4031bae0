/** What security rules find in the construct, and why it is accepted. */
import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** States for the pattern rule of cdk-nag's AwsSolutions pack why each of these is needed. */
export function acknowledgePatterns(policy: IConstruct, patterns: readonly string[], reason: string): void {
  for (const pattern of patterns) {
    Validations.of(policy).acknowledge({
      id: `AwsSolutions::AwsSolutions-IAM5[Resource::${pattern}]`,
      reason,
    });
  }
}

/** What security rules find in the construct, and why it stays so. */
import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A rule of cdk-nag's AwsSolutions pack, and why the construct departs from it. */
export interface Acknowledgment {
  readonly id: string;
  readonly reason: string;
}

/** Tells whoever runs the rules on their app, in the template's own metadata. */
export function acknowledge(construct: IConstruct, ...reasons: readonly Acknowledgment[]): void {
  for (const reason of reasons) Validations.of(construct).acknowledge(reason);
}

/** Of the function's role. */
export const READS_ALL_PROVIDERS =
  'IAM lists providers and roles only as a whole, and the monitor must read providers that it does not know yet. All of it is reading.';
/** Of the dead-letter queue. */
export const IS_THE_LAST_QUEUE = 'This is the dead-letter queue itself. The alarm DeadLetters watches it.';

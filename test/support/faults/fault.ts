/** What a fault is, and what its row expects of a run. */
import type { Status } from '../../../lambda/domain/types';
import type { FailureCode, MonitorErrorType } from '../../../lambda/domain/errors';
import type { Run } from './run';
import type { Stage } from './stage';
import type { CheckId } from '../../../lambda/domain/checks';

/** The groups, in the order of the table. */
export const GROUPS = ['DNS', 'TCP', 'TLS', 'HTTP', 'OIDC', 'AWS', 'SNS', 'State', 'Run'] as const;
export type Group = (typeof GROUPS)[number];

/** Sentences about what is wrong with what a report does not show. */
export type More = (stage: Stage, runs: readonly Run[]) => readonly string[];

/** The expected result of the faulted run. What is left out is not checked. */
export interface Expected {
  /** Of the victim's failure: one of these. Without any, the victim must have been audited. */
  readonly codes?: readonly FailureCode[];
  /** @default in-sync if there are no codes */
  readonly status?: Status;
  /** Findings that the victim must have. */
  readonly checks?: readonly CheckId[];
  /** What the report's text must say, line breaks aside. */
  readonly says?: RegExp;
  /** Of what belongs to no target. */
  readonly failures?: readonly FailureCode[];
  /** The invocation fails so. */
  readonly error?: MonitorErrorType;
  readonly more?: More;
}

/** `connections` are not completed: undici checks those twice a second only. */
export type Silent = 'connections' | 'hosts' | 'aws';

/** One way in which the world goes wrong. */
export interface Fault {
  readonly row: number;
  /** The name of the test. */
  readonly name: string;
  readonly inject: (stage: Stage) => Promise<void> | void;
  readonly expected: Expected;
  /** Who does not answer: limits are 200 to 1,500 ms for hosts, a second for AWS, 4 for connections. */
  readonly silent?: Silent;
  /** It is about the other target: the one that has drifted and is alerted. */
  readonly victim?: 'drifting';
  /** It needs the monitor to repair lists. */
  readonly update?: true;
  /** No pairs: it changes what the whole run is, or what all hosts show. */
  readonly alone?: true;
}

/** The title of its test: the row, then the fault. */
export const titleOf = ({ row, name }: Fault): string => `${row}: ${name}`;

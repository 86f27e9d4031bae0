/** The requests of the command line, once its arguments are validated. */
import type { Discover } from '../lambda/config/config';
import type { AwsFlags } from './aws-flags';
import type { Threshold } from './exit';
import type { Output } from './outputs/render';

/** What both commands take. `color`: false for `--no-color`. */
export interface CommonFlags extends AwsFlags {
  readonly output: Output;
  readonly failOn: Threshold;
  readonly color: boolean;
  readonly quiet: boolean;
  readonly org: readonly string[];
  readonly issuer: readonly string[];
}

/** What `audit` takes. `aws`: false for `--no-aws`. Files are paths, not yet read. */
export interface AuditFlags extends CommonFlags {
  readonly all: boolean;
  /** @default all, but none with `--org` or `--issuer` */
  readonly discover?: Discover;
  readonly caFile?: string;
  readonly accept?: string;
  readonly allowPrivateNetworks: boolean;
  readonly aws: boolean;
  /** @default false */
  readonly failOnSkipped?: boolean;
}

/** What `invoke` takes. */
export interface InvokeFlags extends CommonFlags {
  readonly action: InvokeAction;
}

/** What a deployed function can be asked to do. */
export type InvokeAction = (typeof ACTIONS)[number];
/** The actions of an invocation, the default first. */
export const ACTIONS = ['audit', 'monitor', 'test-alert'] as const;

/** What `doctor` takes. `config`: the path of the file to write. */
export interface DoctorFlags extends AwsFlags {
  readonly writeConfig: boolean;
  readonly config: string;
  readonly force: boolean;
}

/** The request of the user. `shown`: help or the version, for stdout. */
export type Request =
  | { readonly kind: 'audit'; readonly flags: AuditFlags }
  | { readonly kind: 'invoke'; readonly functionName: string; readonly flags: InvokeFlags }
  | { readonly kind: 'doctor'; readonly functionName: string; readonly flags: DoctorFlags }
  | { readonly kind: 'shown'; readonly text: string };

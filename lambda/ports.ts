/** The outside world as plain functions, so that the whole run can be told without naming a library. */
import type { AlertMessage } from './core/alert';
import type { Host, HostObservation, Outcome, Provider, Role, Step } from './core/domain';

/** None rejects for an expected fault, but `publish`. */
export interface Ports {
  readonly listProviders: () => Promise<Outcome<readonly string[]>>;
  readonly readProvider: (arn: string) => Promise<Outcome<Provider>>;
  /** All roles of the account, with their trust policies. */
  readonly listRoles: () => Promise<Outcome<readonly Role[]>>;
  /** The ARNs of the managed policies of a role. */
  readonly attachedPolicies: (roleName: string) => Promise<Outcome<readonly string[]>>;
  readonly fetchDocument: (url: URL, step: Step) => Promise<Outcome<string>>;
  readonly probeHost: (host: Host) => Promise<HostObservation>;
  /** Throws PublishError. */
  readonly publish: (message: AlertMessage) => Promise<void>;
  readonly now: () => Date;
  /** Resolves when no new work may begin: what has not been seen by then is unknown. May never resolve. */
  readonly late: Promise<void>;
}

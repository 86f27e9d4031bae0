/** The ports: everything outside as plain functions, so that the run itself depends on no library. */
import type { Fetched, Host, HostObservation, Outcome, Provider, Role, Step } from './domain/types';
import type { RunFacts } from './domain/run-facts';
import type { Store } from './domain/store';
import type { TrustStore } from './x509/trust-store';
import type { AlertMessage, ChatMessage } from './domain/message';

/**
 * None rejects for an expected failure, except `publish` and `publishChat`. Adapters convert every exception of
 * a library to a failure, whatever AWS or a server answered.
 */
export interface Ports {
  readonly listProviders: () => Promise<Outcome<readonly string[]>>;
  readonly readProvider: (arn: string) => Promise<Outcome<Provider>>;
  /** All roles of the account, with their trust policies. */
  readonly listRoles: () => Promise<Outcome<readonly Role[]>>;
  /** The ARNs of the managed policies of a role. */
  readonly attachedPolicies: (roleName: string) => Promise<Outcome<readonly string[]>>;
  /** The alias of the account; null: it has none, or it could not be read. A message shows it if there is one. */
  readonly accountAlias: () => Promise<string | null>;
  /** Replaces the whole list. `AWS_CONFLICT`: there was a concurrent write. */
  readonly updateThumbprints: (arn: string, list: readonly string[]) => Promise<Outcome<null>>;
  /** `mayBePrivate`: the address may be a private one. */
  readonly fetchDocument: (url: URL, step: Step, mayBePrivate: boolean) => Promise<Outcome<Fetched>>;
  readonly probeHost: (host: Host, mayBePrivate: boolean) => Promise<HostObservation>;
  /** Throws PublishError. */
  readonly publish: (message: AlertMessage) => Promise<void>;
  /** Throws PublishError. Null: there is no chat. */
  readonly publishChat: ((message: ChatMessage) => Promise<void>) | null;
  /** Confirmed subscriptions of the topic. Null: there is no topic. */
  readonly countRecipients: (() => Promise<Outcome<number>>) | null;
  /** The state of earlier runs. Null: there is no state, and every run reports everything. */
  readonly store: Store | null;
  /** Called once at the end of each `monitor` run. */
  readonly record: (facts: RunFacts) => void;
  /**
   * The public roots of the process and the anchors of the configuration; `node`: the version that includes
   * the roots.
   */
  readonly trust: TrustStore;
  readonly node: string;
  readonly now: () => Date;
  readonly wait: (milliseconds: number) => Promise<void>;
  /** Aborted when no new work may begin: what is not collected by then is unknown. */
  readonly deadline: AbortSignal;
}

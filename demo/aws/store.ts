/** What the embedded account holds. Actions return the next state and never change one. */
import type { Parameters } from './form';
import type { Xml } from './xml';

/** The number of the account that owns everything: AWS's own example number. */
export const ACCOUNT = '123456789012';

/** An IAM OIDC provider. */
export interface StoredProvider {
  /** Without `https://`, as IAM stores it. */
  readonly url: string;
  readonly thumbprints: readonly string[];
  readonly clientIds: readonly string[];
  /** ISO 8601. */
  readonly createDate: string;
}

/** An IAM role. */
export interface StoredRole {
  /** Begins and ends with a slash. */
  readonly path: string;
  /** As it was sent: JSON. */
  readonly trustPolicy: string;
  /** ARNs of attached managed policies. */
  readonly policies: readonly string[];
  /** ISO 8601. */
  readonly createDate: string;
}

/** A subscription of a topic. `confirmed` is false for mail until its recipient agrees. */
export interface Subscription {
  readonly arn: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly confirmed: boolean;
}

/** A message that a topic accepted, exactly as it was sent. */
export interface Published {
  readonly topicArn: string;
  readonly subject: string | undefined;
  readonly messageStructure: string | undefined;
  /** With `messageStructure` "json": the JSON text with `default` and one body for each named protocol. */
  readonly message: string;
  readonly attributes: Readonly<Record<string, { readonly dataType: string; readonly value: string }>>;
}

/** Everything that outlives a call. Keys are ARNs; those of roles are names. */
export interface State {
  readonly providers: ReadonlyMap<string, StoredProvider>;
  readonly roles: ReadonlyMap<string, StoredRole>;
  readonly topics: ReadonlyMap<string, readonly Subscription[]>;
  readonly published: readonly Published[];
}

/** An account in which nothing was made yet. */
export const EMPTY_STATE: State = {
  providers: new Map(),
  roles: new Map(),
  topics: new Map(),
  published: [],
};

/** How this account reaches issuers. */
export interface Network {
  /** Names that only this account knows, with their addresses, as a hosts file would have them. */
  readonly hosts: Readonly<Record<string, readonly string[]>>;
  /** Where a name is served if its URL names no port. @default 443 */
  readonly ports: Readonly<Record<string, number>>;
}

/** The context of an action beside its parameters. */
export interface Circumstances {
  /** From the caller's signature, as AWS names topics by the endpoint that was called. */
  readonly region: string;
  /** ISO 8601. */
  readonly now: string;
  /** A fresh UUID. */
  readonly newId: () => string;
  /** Of the caller. */
  readonly sourceIp: string;
  readonly network: Network;
}

/** `result` is absent if AWS answers with metadata alone. */
export interface Outcome {
  readonly state: State;
  readonly result?: Xml;
}

/** One API action. Throws AwsFault if AWS refuses. */
export type Action = (state: State, parameters: Parameters, circumstances: Circumstances) => Outcome;

/**
 * An API action that calls another server before it answers. It reads the account as it was when the call came, and
 * leaves it as it is, so that no call waits for another. Rejects with AwsFault if AWS refuses.
 */
export type Inquiry = (state: State, parameters: Parameters, circumstances: Circumstances) => Promise<Xml>;

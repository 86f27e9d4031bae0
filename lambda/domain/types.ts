/**
 * The terms of the product as types. The public ones (report, finding, failure) are a contract: scripts,
 * filters and dashboards depend on them, so changes are additive only.
 */
import type { FindingChange } from './change';
import type { CheckId } from './checks';
import type { Failure } from './errors';
import type { Result } from './result';
import type { SkippedCheck } from './skipped';

export type { Failure, Step } from './errors';
export type { SkippedCheck } from './skipped';

/** `monitor` alerts, `audit` only reports, `test-alert` sends one message to prove that alerts arrive. */
export type Action = 'monitor' | 'audit' | 'test-alert';

/** How severe a finding is, from information (`info`) to "logins fail or anyone can log in" (`critical`). */
export type Severity = 'info' | 'low' | 'medium' | 'high' | 'critical';

/** One fact about one target. `remedy` is a command if one exists. */
export interface Finding {
  readonly check: CheckId;
  readonly severity: Severity;
  readonly message: string;
  readonly remedy: string;
  /** What it is about if a check can be about several things: a thumbprint, a role's ARN, a host, a key. */
  readonly subject?: string;
  /** The entries of the list that it is about, in lower case: of THUMB003. */
  readonly thumbprints?: readonly string[];
  /** The facts of the change that it is about, if it is about one: `message` says the same in words. */
  readonly change?: FindingChange;
  /** The policy of a role could not be decided: it is known neither as open nor as restricted. */
  readonly notEvaluated?: true;
  /** ISO 8601: when it began. In alerts only. */
  readonly since?: string;
  /**
   * The suppression of the finding: it counts for no severity, exit code or alert until the date has passed.
   */
  readonly accepted?: { readonly reason: string; readonly until: string };
}

/** The result of a request: a value, or the reason why there is none. Never an exception. */
export type Outcome<T> = Result<T, { readonly failure: Failure }>;

/** An IAM OIDC provider, as GetOpenIDConnectProvider returns it. */
export interface Provider {
  readonly arn: string;
  /** As IAM stores it: without `https://`. */
  readonly url: string;
  /** `ThumbprintList`, unchanged: case and form are evaluated, not repaired. May be empty. */
  readonly thumbprints: readonly string[];
  /** `ClientIDList`: the audiences. */
  readonly audiences: readonly string[];
}

/** An IAM role, as ListRoles returns it. */
export interface Role {
  readonly arn: string;
  readonly name: string;
  /** `AssumeRolePolicyDocument`: JSON, URL-encoded (RFC 3986). */
  readonly trustPolicy: string;
}

/** One issuer and at most one provider that trusts it. */
export interface Target {
  /** Issuer URL, `https://host[:port]/path`. */
  readonly issuer: string;
  /** Null if the configuration requires a provider and the account has none. */
  readonly providerArn: string | null;
  /** Named in the configuration, not merely found in the account. */
  readonly configured: boolean;
}

/** A TLS endpoint. Hosts are compared as host:port. */
export interface Host {
  readonly name: string;
  readonly port: number;
}

/** Key type that a handshake requested. */
export type KeyType = 'rsa' | 'ecdsa';

/** One completed handshake. Certificates are DER, exactly in the served order. */
export interface ServedChain {
  readonly address: string;
  readonly keyType: KeyType;
  /** Negotiated version as Node names it: `TLSv1.2`, `TLSv1.3`. */
  readonly tls: string;
  readonly certificates: readonly Uint8Array[];
  /**
   * OpenSSL's verdict with the store of the process, or with the public roots alone; host name and dates
   * included.
   */
  readonly verified: boolean;
  /** OpenSSL's last reason if it is not verified, for example `CERT_HAS_EXPIRED`. */
  readonly distrust: string | null;
  /**
   * OpenSSL's verdict with the host's `trustAnchors` alone, host name and dates included. False if it has
   * none.
   */
  readonly verifiedByAnchors: boolean;
}

/** How a server answered a handshake for one address and key type. */
export type VariantAnswer =
  | { readonly kind: 'served'; readonly chain: ServedChain }
  /**
   * The server said that it has no certificate of this key type, or no TLS version in common. No thumbprint
   * is needed.
   */
  | { readonly kind: 'not-offered'; readonly reason: 'key-type' | 'version' }
  /** Reset, timeout or close. It proves nothing. */
  | { readonly kind: 'unanswered'; readonly failure: Failure };

/**
 * One kind of handshake with a host: an address and a key type. Both occur a second time if TLS 1.2 alone
 * gave another chain than the newest version.
 */
export interface Variant {
  readonly address: string;
  readonly keyType: KeyType;
  readonly answer: VariantAnswer;
}

/** Whether an address offers TLS 1.2; null: it did not say. */
export interface Tls12Answer {
  readonly address: string;
  readonly offered: boolean | null;
}

/** Everything that the probes of one host collected. `failure`: the name has no address to probe. */
export interface HostObservation {
  readonly host: Host;
  readonly variants: readonly Variant[];
  readonly tls12: readonly Tls12Answer[];
  readonly failure: Failure | null;
}

/** A document as it arrived, with its response time, since STS gives up after about 5 seconds. */
export interface Fetched {
  readonly text: string;
  /** Of the exchange, retries included, without waiting for a free connection. */
  readonly milliseconds: number;
  /**
   * At most so many of these were our own: this process was busy with something else, or had no processor.
   */
  readonly missed: number;
  /**
   * Only the store of the process verified the connection, and no public root or configured anchor. No update
   * is based on it.
   */
  readonly isUnanchored?: true;
}

/** What a discovery document says, once it has been accepted. */
export interface Discovery {
  readonly issuer: string;
  readonly jwksUri: string;
}

/** `status` is about thumbprints alone; everything else that is wrong is in the findings. */
export type Status = 'in-sync' | 'drifted' | 'provider-missing' | 'not-audited';

/** The reason for the value of `enforced`. */
export type EnforcedBasis = 'public-ca' | 'private-ca' | 'tls13-only' | 'unknown';

/** A served certificate in the report. `thumbprint` is SHA-1 in lower-case hex; `notAfter` is ISO 8601. */
export interface ReportedCertificate {
  readonly subject: string;
  readonly issuer: string;
  readonly thumbprint: string;
  readonly notAfter: string;
  readonly onPath: boolean;
  /**
   * SHA-256 of the certificate, to compare it with a CA file: upper-case hex with colons, as OpenSSL prints
   * it.
   */
  readonly sha256?: string;
  /** It lies on a valid path to a trust anchor of its host. Absent in reports of older versions. */
  readonly anchored?: boolean;
}

/** Alike chains of one host, folded. `tls` is the highest version collected. */
export interface ReportedChain {
  readonly host: string;
  readonly addresses: readonly string[];
  readonly keyType: KeyType;
  readonly tls: string;
  readonly publiclyTrusted: boolean;
  readonly certificates: readonly ReportedCertificate[];
}

/** One target in the report. `failure` exists exactly with status `not-audited`. */
export interface TargetReport {
  readonly issuer: string;
  readonly providerArn: string | null;
  readonly status: Status;
  readonly enforced: boolean | null;
  readonly enforcedBasis: EnforcedBasis;
  readonly listed: readonly string[];
  /** Every thumbprint that AWS might compare: sorted, lower case. */
  readonly expected: readonly string[];
  /**
   * Those of them that may be listed: on a valid path to a trust anchor. Absent in reports of older versions.
   */
  readonly proposed?: readonly string[];
  readonly chains: readonly ReportedChain[];
  /** RFC 7638 thumbprints of the signing keys. */
  readonly signingKeys: readonly string[];
  /** ARNs of the roles that trust the provider. */
  readonly roles: readonly string[];
  /**
   * Of these roles, the ARNs of those whose trust policies were not evaluated, or not completely: it would
   * take too many steps, or the run ended before. Present only if there are any.
   */
  readonly rolesNotEvaluated?: readonly string[];
  /**
   * Checks that did not run, although the target was audited or IAM was left out on purpose. Present only if there
   * are any.
   */
  readonly skipped?: readonly SkippedCheck[];
  readonly findings: readonly Finding[];
  /**
   * What the monitor would do to the list, did, or why not. Present only if updates are on and something is
   * missing.
   */
  readonly update?: ReportedUpdate;
  /** Handshakes that got no answer, although others did. Present only if there are any. */
  readonly unanswered?: readonly Failure[];
  readonly failure?: Failure;
}

/** What a run would do to a list (`audit`), or did (`monitor`). */
export interface ReportedUpdate {
  readonly decision: 'would-write' | 'written' | 'refused';
  /** The guard that rejected it, as in `docs/threat-model.md`; null: none did. */
  readonly guard: string | null;
  readonly message: string;
  /** The list after the update; null if there is none. */
  readonly list: readonly string[] | null;
}

/** Counts of a report, and its highest severity. `accepted` counts findings, which `worst` leaves out. */
export interface Summary {
  readonly inSync: number;
  readonly drifted: number;
  readonly providerMissing: number;
  readonly notAudited: number;
  readonly accepted: number;
  readonly worst: Severity | null;
}

/** The public roots of the process: which chains are publicly trusted depends on them. */
export interface ReportedTrustStore {
  /** Version of Node.js, for example `v22.23.0`. */
  readonly node: string;
  readonly roots: number;
}

/** What a run returns. The same for the function, the command line and the mail. */
export interface Report {
  readonly schemaVersion: 1;
  readonly action: Action;
  /** Null if neither the function's ARN nor a provider's names it. */
  readonly account: string | null;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Findings that belong to no target. */
  readonly findings: readonly Finding[];
  readonly failures: readonly Failure[];
  /** What the configuration excludes from the run. Absent if there is nothing. */
  readonly notes?: readonly string[];
  /** Checks of the account that did not run. Present only if there are any. */
  readonly skipped?: readonly SkippedCheck[];
  /** Absent in reports of older versions. */
  readonly trustStore?: ReportedTrustStore;
  readonly summary: Summary;
  readonly targets: readonly TargetReport[];
  /** The plain-text report that a person reads. */
  readonly text: string;
}

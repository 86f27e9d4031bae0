/**
 * Every check: one row each, in the order of `docs/findings.md`. Titles, JUnit, coverage, permissions and the
 * kinds of alerts are derived from these rows.
 */
/** What a check is about. */
export type CheckCategory =
  'thumbprints' | 'certificates' | 'network' | 'discovery' | 'keys' | 'providers' | 'trust' | 'operation';

/**
 * Data that a run collects. If that failed, the checks that depend on it are skipped, and findings of earlier
 * runs are not resolved. `duration`: how long documents took.
 */
export type Source =
  | 'providers'
  | 'provider'
  | 'chains'
  | 'discovery'
  | 'jwks'
  | 'duration'
  | 'roles'
  | 'attached-policies'
  | 'subscriptions'
  | 'state';

/**
 * What a report must contain before a check without a finding counts as passed. `list`: the provider, and
 * nothing of the target failed. `answer`: IAM has answered. `nothing`: it belongs to no target.
 */
export type Evidence =
  'list' | 'anchors' | 'provider' | 'chains' | 'documents' | 'keys' | 'roles' | 'answer' | 'nothing';

/**
 * Which events a finding causes. `keys` and `change` alert once; `drift` and `finding` are new and later
 * resolved; `unknown` explains why nothing could be collected.
 */
export type EventKind = 'drift' | 'unknown' | 'keys' | 'change' | 'finding';

/** What a finding names as its subject. */
export type SubjectKind = 'role' | 'thumbprint' | 'host' | 'provider';

/** One check. */
interface CheckRow {
  /** Stable: users write it in their `accept` lists. */
  readonly id: string;
  /** A clause that is true if the check passes. */
  readonly title: string;
  /**
   * What is wrong if the check fails: a noun phrase or clause in lower case, at most 45 ASCII characters, for
   * subjects of mails.
   */
  readonly problem: string;
  readonly category: CheckCategory;
  readonly sources: readonly Source[];
  /** @default finding */
  readonly kind?: EventKind;
  /** Absent for checks with history: an audit does not run them. */
  readonly passesWith?: Evidence;
  /** It compares with earlier runs. */
  readonly history?: true;
  /** Absent: its findings name none. */
  readonly subject?: SubjectKind;
}

const ROWS = [
  {
    id: 'THUMB001',
    title: 'the host serves a certificate that is listed',
    problem: 'outdated thumbprints',
    category: 'thumbprints',
    kind: 'drift',
    sources: ['provider'],
    passesWith: 'list',
    subject: 'thumbprint',
  },
  {
    id: 'THUMB002',
    title: 'the last certificate of the served chain is listed',
    problem: 'only a lower certificate is listed',
    category: 'thumbprints',
    kind: 'drift',
    sources: ['provider'],
    passesWith: 'list',
    subject: 'thumbprint',
  },
  {
    id: 'THUMB003',
    title: 'every listed thumbprint is in use',
    problem: 'unused thumbprint in the list',
    category: 'thumbprints',
    sources: ['provider'],
    history: true,
  },
  {
    id: 'THUMB004',
    title: 'the thumbprint list is well formed',
    problem: 'malformed or repeated thumbprint',
    category: 'thumbprints',
    sources: ['provider'],
    passesWith: 'provider',
  },
  {
    id: 'THUMB005',
    title: 'the thumbprint list is not full',
    problem: 'thumbprint list is full',
    category: 'thumbprints',
    sources: ['provider'],
    passesWith: 'provider',
  },
  {
    id: 'THUMB006',
    title: 'every certificate chain of the host is listed',
    problem: 'not every certificate chain is listed',
    category: 'thumbprints',
    kind: 'drift',
    sources: ['provider'],
    passesWith: 'list',
    subject: 'thumbprint',
  },
  {
    id: 'THUMB007',
    title: 'the discovery host is listed',
    problem: 'thumbprint of the discovery host missing',
    category: 'thumbprints',
    kind: 'drift',
    sources: ['provider'],
    passesWith: 'list',
    subject: 'thumbprint',
  },
  {
    id: 'THUMB008',
    title: 'nobody else changed the thumbprint list',
    problem: 'thumbprint list changed by somebody',
    category: 'thumbprints',
    kind: 'change',
    sources: ['provider'],
    history: true,
  },
  {
    id: 'CERT001',
    title: 'no served certificate expires soon',
    problem: 'certificate expires soon',
    category: 'certificates',
    sources: ['chains'],
    passesWith: 'chains',
  },
  {
    id: 'CERT002',
    title: 'the certificate chain is in order',
    problem: 'certificate chain is not in order',
    category: 'certificates',
    sources: ['chains'],
    passesWith: 'chains',
  },
  {
    id: 'CERT003',
    title: 'the certificate chain is complete',
    problem: 'certificate chain is incomplete',
    category: 'certificates',
    sources: ['chains'],
    passesWith: 'chains',
  },
  {
    id: 'CERT004',
    title: 'keys, signatures and TLS versions are strong',
    problem: 'weak certificate or TLS version',
    category: 'certificates',
    sources: ['chains'],
    passesWith: 'chains',
  },
  {
    id: 'CERT005',
    title: 'certificates are valid for the host and the date',
    problem: 'certificate is not valid',
    category: 'certificates',
    sources: ['chains'],
    passesWith: 'chains',
  },
  {
    id: 'CERT006',
    title: 'the certificate chain can be verified',
    problem: 'certificate chain cannot be verified',
    category: 'certificates',
    sources: ['chains'],
    passesWith: 'list',
  },
  {
    id: 'CERT007',
    title: 'every expected certificate is on a path to a trust anchor',
    problem: 'certificate without a path to a trust anchor',
    category: 'certificates',
    sources: ['chains'],
    passesWith: 'anchors',
  },
  {
    id: 'NET001',
    title: 'the TLS connection is not intercepted',
    problem: 'connection to the host is intercepted',
    category: 'network',
    sources: ['chains'],
    passesWith: 'chains',
  },
  {
    id: 'NET002',
    title: 'the host has a public address',
    problem: 'host has only private addresses',
    category: 'network',
    sources: ['chains'],
    passesWith: 'chains',
  },
  {
    id: 'DISC001',
    title: 'the discovery document is readable',
    problem: 'discovery document not readable',
    category: 'discovery',
    kind: 'unknown',
    sources: ['discovery'],
    passesWith: 'documents',
  },
  {
    id: 'DISC002',
    title: 'the document names the issuer of the provider',
    problem: 'discovery document names another issuer',
    category: 'discovery',
    sources: ['discovery'],
    passesWith: 'documents',
  },
  {
    id: 'DISC003',
    title: 'jwks_uri is valid and its host has not changed',
    problem: 'jwks_uri is invalid or its host is new',
    category: 'discovery',
    sources: ['discovery'],
    passesWith: 'documents',
    subject: 'host',
  },
  {
    id: 'DISC004',
    title: 'the issuer answers in time',
    problem: 'issuer answers too slowly',
    category: 'discovery',
    sources: ['discovery', 'jwks', 'duration'],
    history: true,
  },
  {
    id: 'DISC005',
    title: "nobody else can take over the issuer's host",
    problem: 'issuer host can be taken over',
    category: 'discovery',
    sources: ['discovery', 'jwks'],
    passesWith: 'keys',
  },
  {
    id: 'JWKS001',
    title: 'the signing keys are usable',
    problem: 'signing keys not usable',
    category: 'keys',
    sources: ['jwks'],
    passesWith: 'keys',
  },
  {
    id: 'JWKS002',
    title: 'the signing keys have not changed',
    problem: 'signing keys changed',
    category: 'keys',
    kind: 'keys',
    sources: ['jwks'],
    history: true,
  },
  {
    id: 'JWKS003',
    title: 'the signing keys are strong and supported',
    problem: 'weak or unsupported signing key',
    category: 'keys',
    sources: ['jwks'],
    passesWith: 'keys',
  },
  {
    id: 'PROV001',
    title: 'the provider exists',
    problem: 'provider missing',
    category: 'providers',
    sources: ['providers', 'provider'],
    passesWith: 'answer',
  },
  {
    id: 'PROV002',
    title: 'the provider lists the usual audience and no other',
    problem: 'usual audience missing, or others listed',
    category: 'providers',
    sources: ['provider'],
    passesWith: 'provider',
  },
  {
    id: 'PROV003',
    title: 'the provider trusts one organization only',
    problem: 'provider trusts every CircleCI customer',
    category: 'providers',
    sources: ['provider', 'roles'],
    passesWith: 'provider',
  },
  {
    id: 'PROV004',
    title: 'a role uses the provider',
    problem: 'no role uses the provider',
    category: 'providers',
    sources: ['provider', 'roles'],
    passesWith: 'roles',
  },
  {
    id: 'PROV005',
    title: 'the organization has one provider only',
    problem: 'several providers for one organization',
    category: 'providers',
    sources: ['providers', 'provider'],
    passesWith: 'provider',
  },
  {
    id: 'PROV006',
    title: 'no provider was created or deleted',
    problem: 'provider created or deleted',
    category: 'providers',
    kind: 'change',
    sources: ['providers', 'provider'],
    history: true,
    subject: 'provider',
  },
  {
    id: 'PROV007',
    title: 'no audience was added or removed',
    problem: 'audience added or removed',
    category: 'providers',
    kind: 'change',
    sources: ['provider'],
    history: true,
  },
  {
    id: 'TRUST001',
    title: 'roles are limited to named projects',
    problem: 'role open to other projects',
    category: 'trust',
    sources: ['roles'],
    passesWith: 'roles',
    subject: 'role',
  },
  {
    id: 'TRUST002',
    title: 'no wildcard replaces the project or tenant',
    problem: 'wildcard instead of a project or tenant',
    category: 'trust',
    sources: ['roles'],
    passesWith: 'roles',
    subject: 'role',
  },
  {
    id: 'TRUST003',
    title: 'conditions name the right organization and are strict',
    problem: 'wrong organization or operator in a condition',
    category: 'trust',
    sources: ['roles'],
    passesWith: 'roles',
    subject: 'role',
  },
  {
    id: 'TRUST004',
    title: 'roles have a condition on the audience',
    problem: 'no condition on the audience',
    category: 'trust',
    sources: ['roles'],
    passesWith: 'roles',
    subject: 'role',
  },
  {
    id: 'TRUST005',
    title: 'roles are limited to branches or other workloads',
    problem: 'limit to a branch missing or without effect',
    category: 'trust',
    sources: ['roles', 'attached-policies'],
    passesWith: 'roles',
    subject: 'role',
  },
  {
    id: 'TRUST006',
    title: 'roles trust providers of their own account',
    problem: 'role trusts a provider it cannot use',
    category: 'trust',
    sources: ['roles'],
    passesWith: 'roles',
    subject: 'role',
  },
  {
    id: 'TRUST007',
    title: 'tokens can satisfy every condition',
    problem: 'condition that tokens cannot satisfy',
    category: 'trust',
    sources: ['roles'],
    passesWith: 'roles',
    subject: 'role',
  },
  {
    id: 'TRUST008',
    title: 'roles are limited by ids where the issuer has them',
    problem: 'role limited by names only',
    category: 'trust',
    sources: ['roles', 'attached-policies'],
    passesWith: 'roles',
    subject: 'role',
  },
  {
    id: 'TRUST009',
    title: 'roles accept the newer format of subjects',
    problem: 'newer format of subjects not accepted',
    category: 'trust',
    sources: ['roles'],
    passesWith: 'roles',
    subject: 'role',
  },
  {
    id: 'TRUST010',
    title: 'pull requests cannot assume deployment roles',
    problem: 'deployment role open to pull requests',
    category: 'trust',
    sources: ['roles', 'attached-policies'],
    passesWith: 'roles',
    subject: 'role',
  },
  {
    id: 'OPS001',
    title: 'alerts have recipients',
    problem: 'alerts have too few recipients',
    category: 'operation',
    sources: ['subscriptions'],
    passesWith: 'nothing',
  },
  {
    id: 'OPS002',
    title: 'the state can be saved',
    problem: 'state not saved, or near its limit',
    category: 'operation',
    sources: ['state'],
    passesWith: 'nothing',
  },
] as const satisfies readonly CheckRow[];

/** Stable id of a check. */
export type CheckId = (typeof ROWS)[number]['id'];

/** A check with its id. */
export type Check = CheckRow & { readonly id: CheckId };

/** All checks, in the order of `docs/findings.md`. */
export const CHECKS: readonly Check[] = ROWS;

/** The ids of all checks, in the same order. */
export const CHECK_IDS = ROWS.map(({ id }) => id);

const BY_ID = new Map<string, Check>(CHECKS.map((check) => [check.id, check]));

/** The row of a check. */
export function checkOf(id: CheckId): Check {
  const check = BY_ID.get(id);
  if (check === undefined) throw new Error(`There is no check ${id}.`);
  return check;
}

/** The checks that depend on one of these sources. */
export const checksReading = (...sources: readonly Source[]): readonly CheckId[] =>
  CHECKS.filter((check) => check.sources.some((source) => sources.includes(source))).map(({ id }) => id);

/** The kind of a check's findings. */
export const kindOf = (id: CheckId): EventKind => checkOf(id).kind ?? 'finding';

/** Whether a finding belongs to one of these categories. */
export const isAbout = (
  { check }: { readonly check: CheckId },
  ...categories: readonly CheckCategory[]
): boolean => categories.includes(checkOf(check).category);

/** Findings that the report counts and that no message contains: the reader cannot act on them. */
export const isCountedOnly = ({
  check,
  severity,
}: {
  readonly check: CheckId;
  readonly severity: string;
}): boolean => check === 'CERT007' && severity === 'info';

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
  /** True when the check passes. */
  readonly title: string;
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
    title: 'a served certificate is listed',
    category: 'thumbprints',
    kind: 'drift',
    sources: ['provider'],
    passesWith: 'list',
    subject: 'thumbprint',
  },
  {
    id: 'THUMB002',
    title: 'the top certificate of the chain is listed',
    category: 'thumbprints',
    kind: 'drift',
    sources: ['provider'],
    passesWith: 'list',
    subject: 'thumbprint',
  },
  {
    id: 'THUMB003',
    title: 'every listed thumbprint is served',
    category: 'thumbprints',
    sources: ['provider'],
    history: true,
  },
  {
    id: 'THUMB004',
    title: 'the list is well formed',
    category: 'thumbprints',
    sources: ['provider'],
    passesWith: 'provider',
  },
  {
    id: 'THUMB005',
    title: 'the list has room for a rotation',
    category: 'thumbprints',
    sources: ['provider'],
    passesWith: 'provider',
  },
  {
    id: 'THUMB006',
    title: 'every chain of the host is covered',
    category: 'thumbprints',
    kind: 'drift',
    sources: ['provider'],
    passesWith: 'list',
    subject: 'thumbprint',
  },
  {
    id: 'THUMB007',
    title: 'the discovery host is covered, too',
    category: 'thumbprints',
    kind: 'drift',
    sources: ['provider'],
    passesWith: 'list',
    subject: 'thumbprint',
  },
  {
    id: 'THUMB008',
    title: 'nobody else has added thumbprints',
    category: 'thumbprints',
    kind: 'change',
    sources: ['provider'],
    history: true,
  },
  {
    id: 'CERT001',
    title: 'no served certificate expires soon',
    category: 'certificates',
    sources: ['chains'],
    passesWith: 'chains',
  },
  {
    id: 'CERT002',
    title: 'the chain is in order',
    category: 'certificates',
    sources: ['chains'],
    passesWith: 'chains',
  },
  {
    id: 'CERT003',
    title: 'the chain is complete',
    category: 'certificates',
    sources: ['chains'],
    passesWith: 'chains',
  },
  {
    id: 'CERT004',
    title: 'keys, signatures and TLS are strong',
    category: 'certificates',
    sources: ['chains'],
    passesWith: 'chains',
  },
  {
    id: 'CERT005',
    title: 'certificates are valid for host and date',
    category: 'certificates',
    sources: ['chains'],
    passesWith: 'chains',
  },
  {
    id: 'CERT006',
    title: 'the chain can be verified from here',
    category: 'certificates',
    sources: ['chains'],
    passesWith: 'list',
  },
  {
    id: 'CERT007',
    title: 'every expected certificate leads to a trust anchor',
    category: 'certificates',
    sources: ['chains'],
    passesWith: 'anchors',
  },
  {
    id: 'NET001',
    title: 'nobody intercepts our own path',
    category: 'network',
    sources: ['chains'],
    passesWith: 'chains',
  },
  {
    id: 'NET002',
    title: 'the host has a public address',
    category: 'network',
    sources: ['chains'],
    passesWith: 'chains',
  },
  {
    id: 'DISC001',
    title: 'the discovery document can be read',
    category: 'discovery',
    kind: 'unknown',
    sources: ['discovery'],
    passesWith: 'documents',
  },
  {
    id: 'DISC002',
    title: 'the issuer is what the provider trusts',
    category: 'discovery',
    sources: ['discovery'],
    passesWith: 'documents',
  },
  {
    id: 'DISC003',
    title: 'the jwks_uri is fit for use',
    category: 'discovery',
    sources: ['discovery'],
    passesWith: 'documents',
    subject: 'host',
  },
  {
    id: 'DISC004',
    title: 'documents arrive in time',
    category: 'discovery',
    sources: ['discovery', 'jwks', 'duration'],
    history: true,
  },
  {
    id: 'JWKS001',
    title: 'the JWKS has usable signing keys',
    category: 'keys',
    sources: ['jwks'],
    passesWith: 'keys',
  },
  {
    id: 'JWKS002',
    title: 'the signing keys are those of before',
    category: 'keys',
    kind: 'keys',
    sources: ['jwks'],
    history: true,
  },
  {
    id: 'JWKS003',
    title: 'the signing keys are strong',
    category: 'keys',
    sources: ['jwks'],
    passesWith: 'keys',
  },
  {
    id: 'PROV001',
    title: 'the provider exists',
    category: 'providers',
    sources: ['providers', 'provider'],
    passesWith: 'answer',
  },
  {
    id: 'PROV002',
    title: 'the audiences are right',
    category: 'providers',
    sources: ['provider'],
    passesWith: 'provider',
  },
  {
    id: 'PROV003',
    title: 'the issuer is that of one org',
    category: 'providers',
    sources: ['provider', 'roles'],
    passesWith: 'provider',
  },
  {
    id: 'PROV004',
    title: 'a role uses the provider',
    category: 'providers',
    sources: ['provider', 'roles'],
    passesWith: 'roles',
  },
  {
    id: 'PROV005',
    title: 'it is the only provider of its org',
    category: 'providers',
    sources: ['providers', 'provider'],
    passesWith: 'provider',
  },
  {
    id: 'PROV006',
    title: 'no provider has appeared or vanished',
    category: 'providers',
    kind: 'change',
    sources: ['providers', 'provider'],
    history: true,
    subject: 'provider',
  },
  {
    id: 'PROV007',
    title: 'no audience was added',
    category: 'providers',
    kind: 'change',
    sources: ['provider'],
    history: true,
  },
  {
    id: 'TRUST001',
    title: 'roles admit one project only',
    category: 'trust',
    sources: ['roles'],
    passesWith: 'roles',
    subject: 'role',
  },
  {
    id: 'TRUST002',
    title: 'no wildcard stands before the project',
    category: 'trust',
    sources: ['roles'],
    passesWith: 'roles',
    subject: 'role',
  },
  {
    id: 'TRUST003',
    title: 'conditions name the right org, by operators that hold',
    category: 'trust',
    sources: ['roles'],
    passesWith: 'roles',
    subject: 'role',
  },
  {
    id: 'TRUST004',
    title: 'roles ask for an audience',
    category: 'trust',
    sources: ['roles'],
    passesWith: 'roles',
    subject: 'role',
  },
  {
    id: 'TRUST005',
    title: 'powerful roles ask for a ref',
    category: 'trust',
    sources: ['roles', 'attached-policies'],
    passesWith: 'roles',
    subject: 'role',
  },
  {
    id: 'TRUST006',
    title: 'roles trust providers that exist',
    category: 'trust',
    sources: ['roles'],
    passesWith: 'roles',
    subject: 'role',
  },
  {
    id: 'TRUST007',
    title: 'some token can satisfy each condition',
    category: 'trust',
    sources: ['roles'],
    passesWith: 'roles',
    subject: 'role',
  },
  {
    id: 'OPS001',
    title: 'somebody gets the alerts',
    category: 'operation',
    sources: ['subscriptions'],
    passesWith: 'nothing',
  },
  {
    id: 'OPS002',
    title: 'the state can be saved',
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

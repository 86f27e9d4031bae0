/** Suppressed findings: they stay in the report, and cause no alert until the date. */
import { createHash } from 'node:crypto';
import type { AcceptedFinding } from '../config/config';
import { namesSubject } from '../config/accept-subject';
import type { Finding } from '../domain/types';
import { quote } from '../text/quote';
import type { Baseline } from '../state/schema';
import type { CheckId } from '../domain/checks';
import { kindOf } from '../domain/checks';
import { firstAndMore } from '../text/list';
import { DAY_MS } from '../domain/duration';

/** What findings belong to, and its state from earlier runs. */
export interface AcceptScope {
  /** Null: the findings belong to the account and to no provider. */
  readonly issuer: string | null;
  /** Null: not known. */
  readonly account: string | null;
  /** What entries without a subject cover. Null: no state is saved, so they cover everything. */
  readonly baselines: readonly Baseline[] | null;
  /** The state contains nothing of an earlier run here. */
  readonly isNew: boolean;
  /** Checks that this run skipped. */
  readonly skipped: ReadonlySet<CheckId>;
  /** Subjects that exist, whether a finding is about them or not. */
  readonly exists: readonly { readonly check: CheckId; readonly subject: string }[];
  readonly now: Date;
}

/** Findings with those marked that are accepted, in their order. */
export interface Accepting {
  readonly findings: readonly Finding[];
  /** What entries without a subject cover from now on. */
  readonly baselines: readonly Baseline[];
  /** Entries without a subject whose baseline could not be compared, or is too long to be saved whole. */
  readonly remarks: readonly AcceptRemark[];
}

/**
 * `stateless`: it covers everything. `new`: it covers what exists now. `cut`: it covers the first subjects
 * only.
 */
export interface AcceptRemark {
  readonly kind: 'stateless' | 'new' | 'cut';
  /** `TRUST001 of https://ci.example.com`. */
  readonly entry: string;
}

/**
 * For one entry. Findings about further subjects stay open, so that the size of an item of the state table is
 * limited.
 */
export const MAX_BASELINE_SUBJECTS = 200;

/** A subject's name in a baseline. Of fixed length: roles may have long ARNs, and messages are longer. */
const hash = (subject: string): string => createHash('sha256').update(subject).digest('hex').slice(0, 24);

/**
 * Marks the accepted findings. Check, issuer and account must be the same, the issuer character by character.
 * An entry with a subject covers that one. An entry without covers the subjects that existed when it was
 * first applied: later ones are open. An entry whose date has passed covers nothing: its finding is open and
 * says so.
 */
export function acceptFindings(
  findings: readonly Finding[],
  accept: readonly AcceptedFinding[],
  scope: AcceptScope,
): Accepting {
  const entries = matchingEntries(accept, scope);
  if (entries.length === 0) return { findings, baselines: [], remarks: [] };
  const applied = entries.map((entry) => apply(entry, findings, scope));
  return {
    findings: findings.map((finding) => mark(finding, applied, scope.now)),
    baselines: applied.flatMap(({ baseline }) => (baseline === null ? [] : [baseline])),
    remarks: applied.flatMap(({ remarks }) => remarks),
  };
}

/** Whether an active entry covers one subject of a check, found or not. */
export function isSubjectAccepted(
  check: CheckId,
  subject: string,
  accept: readonly AcceptedFinding[],
  scope: AcceptScope,
): boolean {
  const finding: Finding = { check, severity: 'info', message: '', remedy: '', subject };
  return matchingEntries(accept, scope).some(
    (entry) => isActive(entry, scope.now) && apply(entry, [finding], scope).covers(finding),
  );
}

/** The findings that are not suppressed. Only they count for severity, exit codes and alerts. */
export const openFindings = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter((finding) => finding.accepted === undefined);

const matchingEntries = (
  accept: readonly AcceptedFinding[],
  { issuer, account }: AcceptScope,
): readonly AcceptedFinding[] =>
  accept.filter(
    (entry) =>
      (entry.issuer ?? null) === issuer && (entry.account === undefined || entry.account === account),
  );

interface AppliedEntry {
  readonly entry: AcceptedFinding;
  /** Null: nothing is to be saved. */
  readonly baseline: Baseline | null;
  readonly covers: (finding: Finding) => boolean;
  readonly remarks: readonly AcceptRemark[];
}

function apply(entry: AcceptedFinding, findings: readonly Finding[], scope: AcceptScope): AppliedEntry {
  const { check, subject, account = null } = entry;
  const plain = { entry, baseline: null, remarks: [] };
  if (subject !== undefined) {
    const covers = (finding: Finding): boolean => {
      const values = namedSubjects(finding);
      return values.length > 0 && values.every((value) => namesSubject(check, subject, value));
    };
    return { ...plain, covers };
  }
  const name = `${check} of ${scope.issuer ?? 'the account'}`;
  const remark = (kind: AcceptRemark['kind']): AcceptRemark => ({ kind, entry: name });
  if (scope.baselines === null) {
    const remarks = isActive(entry, scope.now) ? [remark('stateless')] : [];
    return { ...plain, covers: () => true, remarks };
  }
  const known = scope.baselines.find((one) => one.check === check && one.account === account);
  if (known !== undefined) {
    return { ...plain, baseline: known, covers: (finding) => isIn(known, finding) };
  }
  const own = findings.filter((finding) => finding.check === check);
  // A skipped check says nothing about what exists.
  const isApplied = isActive(entry, scope.now) && (own.length > 0 || !scope.skipped.has(check));
  if (!isApplied) return { ...plain, covers: () => false };
  const others = scope.exists.filter((one) => one.check === check).map(({ subject: one }) => one);
  const subjects = [...new Set([...own.flatMap(subjectsOf), ...others].map(hash))].sort();
  const baseline = { check, account, subjects: subjects.slice(0, MAX_BASELINE_SUBJECTS) };
  return {
    entry,
    baseline,
    covers: (finding) => isIn(baseline, finding),
    remarks: [
      ...(scope.isNew ? [remark('new')] : []),
      ...(subjects.length > MAX_BASELINE_SUBJECTS ? [remark('cut')] : []),
    ],
  };
}

const isIn = ({ subjects }: Baseline, finding: Finding): boolean =>
  subjectsOf(finding).every((subject) => subjects.includes(hash(subject)));

/** A finding about several thumbprints names them all, separated by spaces. */
const namedSubjects = ({ subject }: Finding): readonly string[] => (subject ?? '').split(' ').filter(Boolean);

/**
 * A finding without a subject has none, as it is about the issuer that the entry names. But each change that
 * others made is a different one, so its text identifies it.
 */
const subjectsOf = (finding: Finding): readonly string[] => {
  const named = namedSubjects(finding);
  return named.length === 0 && kindOf(finding.check) === 'change' ? [finding.message] : named;
};

function mark(finding: Finding, applied: readonly AppliedEntry[], now: Date): Finding {
  const covering = applied.filter(({ entry, covers }) => entry.check === finding.check && covers(finding));
  const active = covering.find(({ entry }) => isActive(entry, now));
  if (active !== undefined) {
    const { reason, until } = active.entry;
    return { ...finding, accepted: { reason, until } };
  }
  const [over] = covering;
  if (over === undefined) return finding;
  const { reason, until } = over.entry;
  return {
    ...finding,
    message: `${finding.message} It was accepted until ${until}, with the reason ${quote(reason)}.`,
  };
}

const isActive = ({ until }: AcceptedFinding, now: Date): boolean => now < endOf(until);

/** A date counts until the end of its day, in UTC; a time, which always names its zone, counts exactly. */
function endOf(until: string): Date {
  return until.includes('T') ? new Date(until) : new Date(Date.parse(until) + DAY_MS);
}

const WORDS: Readonly<Record<AcceptRemark['kind'], string>> = {
  stateless:
    'There is no saved state, so these entries of accept without a subject cover every finding of their check, including new findings',
  new: 'There is no earlier state, so these entries of accept without a subject cover the findings that exist now',
  cut: `These entries of accept cover the first ${MAX_BASELINE_SUBJECTS} subjects only`,
};
const REMEDIES: Readonly<Record<AcceptRemark['kind'], string>> = {
  stateless: 'To accept one finding only, add its subject to the entry.',
  new: 'Findings with other subjects cause alerts.',
  cut: 'To accept more, add entries with a subject.',
};
const MAX_NAMED = 5;

/** One note of each kind, however many entries there are. */
export function acceptNotes(remarks: readonly AcceptRemark[]): readonly string[] {
  return (['stateless', 'new', 'cut'] as const).flatMap((kind) => {
    const entries = [...new Set(remarks.filter((one) => one.kind === kind).map(({ entry }) => entry))];
    if (entries.length === 0) return [];
    return [`${WORDS[kind]}: ${firstAndMore(entries, MAX_NAMED)}. ${REMEDIES[kind]}`];
  });
}

/** What a report must contain before a check without a finding counts as passed. */
import { POLICY_CHECKS } from '../../lambda/checks/coverage';
import type { Check, CheckId, Evidence } from '../../lambda/domain/checks';
import type { Step, TargetReport } from '../../lambda/domain/types';
import { profileOf, recognize } from '../../lambda/oidc/profiles';
import { skippedSentences } from '../../lambda/report/skipped';
import { firstAndMore } from '../../lambda/text/list';
import { shortName } from './ranking';

/** Whether an audit runs a check at all: those with history, and those of the operation, need the deployed monitor. */
export const isEvaluatedByAudit = ({ history, passesWith }: Check): boolean =>
  history !== true && passesWith !== undefined && passesWith !== 'nothing';

/** Why a check without a finding does not count as passed; null: it has passed. */
export const notEvaluatedReason = (
  { id, passesWith = 'nothing' }: Check,
  target: TargetReport,
): string | null =>
  skippedReason(id, target) ??
  REASONS[passesWith](target) ??
  whyNotApplicable(id, target) ??
  (POLICY_CHECKS.includes(id) ? whyNotEvaluated(target) : null);

/** Why a check did not run at all or for some roles, as the report says it; null: it ran. */
export function skippedReason(id: CheckId, { skipped = [] }: TargetReport): string | null {
  const own = skipped.filter(({ check }) => check === id);
  if (own.length === 0) return null;
  return own
    .map(({ reason, roles = [] }) => (roles.length === 0 ? reason : `${reason} Roles: ${namesOf(roles)}.`))
    .join(' ');
}

/** They need to know what the tokens of an issuer contain. */
const OF_TOKENS: readonly CheckId[] = ['PROV002', 'PROV003', 'TRUST005', 'TRUST008', 'TRUST009', 'TRUST010'];
const OF_TOKENS_SHORT = 'PROV002, PROV003, TRUST005 and TRUST008 to TRUST010';
const NOT_KNOWN = 'What the tokens of this issuer contain is not known.';

/** Why the tokens of the issuer say nothing about a check; null: they do. */
function whyNotApplicable(id: CheckId, { issuer }: TargetReport): string | null {
  if (!OF_TOKENS.includes(id)) return null;
  const { source, profile, defaultAudience } = recognize({ issuer, providerArn: null, audiences: null });
  if (profile === null) return NOT_KNOWN;
  const { kind, tenant, issuerOfTenant, nouns } = source.grammar;
  const namesTenant = tenant !== null && defaultAudience?.includes(tenant) === true;
  if (id === 'PROV002' && !namesTenant)
    return `The default audience of ${nouns.vendor} does not name the ${nouns.tenant}.`;
  return id === 'PROV003' && kind === 'shared' && issuerOfTenant === null
    ? `${nouns.vendor} has one issuer for all customers.`
    : null;
}

function whyNotEvaluated({ rolesNotEvaluated = [] }: TargetReport): string | null {
  return rolesNotEvaluated.length === 0
    ? null
    : `Not every trust policy was evaluated: ${namesOf(rolesNotEvaluated)}.`;
}

const MAX_NAMED = 10;
const namesOf = (roles: readonly string[]): string => firstAndMore(roles, MAX_NAMED, { show: shortName });

/** What was skipped for a target although nothing failed, for the outputs that do not list every check. */
export function skippedLines(target: TargetReport): readonly string[] {
  const { failure, issuer, roles, rolesNotEvaluated = [], skipped } = target;
  const named = roles.length === 0 ? '' : ` Roles: ${namesOf(roles)}.`;
  const notKnown =
    failure === undefined && profileOf(issuer) === null
      ? [`Skipped: ${OF_TOKENS_SHORT}. ${NOT_KNOWN}${named}`]
      : [];
  if (skipped !== undefined) return [...skippedSentences(skipped), ...notKnown];
  // Functions of older versions do not report it.
  if (failure !== undefined) return [];
  return rolesNotEvaluated.length === 0
    ? notKnown
    : [...notKnown, `Not evaluated: the trust policies of ${namesOf(rolesNotEvaluated)}.`];
}

const REASONS: Readonly<Record<Evidence, (target: TargetReport) => string | null>> = {
  nothing: () => 'An audit does not run this check.',
  answer: (target) => blindAt(target, 'iam', 'deadline'),
  provider: (target) => blindAt(target, 'iam', 'deadline') ?? withoutProvider(target),
  list: (target) => target.failure?.message ?? withoutProvider(target),
  anchors: (target) =>
    REASONS.list(target) ??
    (target.proposed === undefined || target.proposed.length === 0
      ? 'No certificate chain was verified.'
      : null),
  documents: (target) =>
    blindAt(target, 'discovery', 'deadline') ?? (wereRead(target) ? null : 'No discovery document was read.'),
  chains: (target) =>
    blindAt(target, 'discovery', 'tls', 'deadline') ??
    (target.chains.length > 0 ? null : 'No certificate chain was served.'),
  keys: ({ signingKeys }) => (signingKeys.length > 0 ? null : 'No signing key was read.'),
  roles: (target) =>
    blindAt(target, 'iam', 'deadline') ??
    (target.roles.length > 0 ? null : 'No role that trusts the provider was read.'),
};

const blindAt = ({ failure }: TargetReport, ...steps: readonly Step[]): string | null =>
  failure !== undefined && steps.includes(failure.step) ? failure.message : null;

const withoutProvider = ({ providerArn }: TargetReport): string | null =>
  providerArn === null ? 'There is no provider.' : null;

/** Documents are read over verified connections only. */
const wereRead = ({ signingKeys, chains }: TargetReport): boolean =>
  signingKeys.length > 0 || chains.every(({ publiclyTrusted }) => publiclyTrusted);

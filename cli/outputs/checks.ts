/** What a report must contain before a check without a finding counts as passed. */
import type { Check, Evidence } from '../../lambda/domain/checks';
import type { Step, TargetReport } from '../../lambda/domain/types';

/** Whether an audit makes a check at all: those with history, and those of the operation, need the deployed monitor. */
export const isEvaluatedByAudit = ({ history, passesWith }: Check): boolean =>
  history !== true && passesWith !== undefined && passesWith !== 'nothing';

/** Why a check without a finding does not count as passed; null: it has passed. */
export const notEvaluatedReason = ({ passesWith = 'nothing' }: Check, target: TargetReport): string | null =>
  REASONS[passesWith](target);

const REASONS: Readonly<Record<Evidence, (target: TargetReport) => string | null>> = {
  nothing: () => 'An audit does not judge it.',
  answer: (target) => blindAt(target, 'iam', 'deadline'),
  provider: (target) => blindAt(target, 'iam', 'deadline') ?? withoutProvider(target),
  list: (target) => target.failure?.message ?? withoutProvider(target),
  anchors: (target) =>
    REASONS.list(target) ??
    (target.proposed === undefined || target.proposed.length === 0 ? 'No chain was verified.' : null),
  documents: (target) =>
    blindAt(target, 'discovery', 'deadline') ?? (wereRead(target) ? null : 'No document was read.'),
  chains: (target) =>
    blindAt(target, 'discovery', 'tls', 'deadline') ??
    (target.chains.length > 0 ? null : 'No chain was seen.'),
  keys: ({ signingKeys }) => (signingKeys.length > 0 ? null : 'No signing key was read.'),
  roles: ({ roles }) => (roles.length > 0 ? null : 'No role of the provider was read.'),
};

const blindAt = ({ failure }: TargetReport, ...steps: readonly Step[]): string | null =>
  failure !== undefined && steps.includes(failure.step) ? failure.message : null;

const withoutProvider = ({ providerArn }: TargetReport): string | null =>
  providerArn === null ? 'There is no provider.' : null;

/** Documents are read over verified connections only. */
const wereRead = ({ signingKeys, chains }: TargetReport): boolean =>
  signingKeys.length > 0 || chains.every(({ publiclyTrusted }) => publiclyTrusted);

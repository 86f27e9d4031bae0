/**
 * Whether the monitor may repair a list, and the resulting list. Pure: the same answer for a run and for a
 * dry run.
 */
import type { Notification } from '../domain/notification';
import type { Failure, Finding, ReportedUpdate, TargetReport } from '../domain/types';
import type { Updated } from '../checks/history/intents';
import { hostOf } from '../oidc/issuer';
import { joinSteps, withCommand } from '../remedies/command';
import { fullRemedy, lookInCloudTrail, updateCommand } from '../remedies/remedy';
import type { AnchoredOnce } from '../remedies/remedy';
import { missingFrom } from '../x509/thumbprint';
import { GUARDS } from './guards';
import type { Guard, UpdateQuestion } from './guards';
import { hostKey } from '../domain/host';

export type { UpdateQuestion } from './guards';

/** The plan for one list. */
export type UpdatePlan =
  | { readonly kind: 'none' }
  | { readonly kind: 'refuse'; readonly guard: Guard; readonly added: readonly string[] }
  | {
      readonly kind: 'write';
      /** The full list: what is listed, unchanged, and what is added. */
      readonly list: readonly string[];
      readonly before: readonly string[];
      readonly added: readonly string[];
    };

/** Evaluates every guard, in order. The first that does not hold rejects the update. */
export function planUpdate(asked: Omit<UpdateQuestion, 'candidates'>): UpdatePlan {
  const { mode, report } = asked;
  const candidates = missingFrom(report.listed, report.expected);
  if (mode === 'off' || report.status !== 'drifted' || report.providerArn === null || candidates.length === 0)
    return { kind: 'none' };
  const question = { ...asked, candidates };
  const refusing = GUARDS.find(({ holds }) => !holds(question));
  if (refusing !== undefined) return { kind: 'refuse', guard: refusing, added: candidates };
  return {
    kind: 'write',
    list: [...report.listed, ...candidates],
    before: report.listed,
    added: candidates,
  };
}

/**
 * Thumbprints that are missing from lists of unrelated hosts in one run. Providers of one host change
 * together; different hosts seldom do, except behind an inspection proxy.
 */
export function sharedByUnrelatedHosts(targets: readonly TargetReport[]): ReadonlySet<string> {
  const hostsOf = new Map<string, Set<string>>();
  for (const report of targets) {
    const missing = report.status === 'drifted' ? missingFrom(report.listed, report.expected) : [];
    for (const thumbprint of missing) {
      hostsOf.set(thumbprint, (hostsOf.get(thumbprint) ?? new Set()).add(hostKey(hostOf(report.issuer))));
    }
  }
  return new Set([...hostsOf].filter(([, hosts]) => hosts.size > 1).map(([thumbprint]) => thumbprint));
}

/** The plan in the report, or null if there is nothing to update. */
export function reportPlan(plan: UpdatePlan): ReportedUpdate | null {
  switch (plan.kind) {
    case 'none':
      return null;
    case 'refuse':
      return { decision: 'refused', guard: plan.guard.id, message: plan.guard.refused, list: null };
    case 'write':
      return {
        decision: 'would-write',
        guard: null,
        message: `The monitor would add ${plan.added.join(', ')}.`,
        list: plan.list,
      };
  }
}

/** The notification of an update, which is a message of its own. */
export function updatedNotification(target: TargetReport, updated: Updated, now: Date): Notification {
  const { before, list, added, isVisible, by } = updated;
  const values = added.join(', ');
  const provider = target.providerArn ?? target.issuer;
  const message = [
    by === 'monitor'
      ? `The monitor added ${values} to the thumbprint list of ${provider}.`
      : `A run of the monitor started to add ${values} to the thumbprint list of ${provider}, and ended before IAM confirmed the update. The update is in the list now. Either the monitor or somebody else made it.`,
    `Before: ${before.length === 0 ? 'an empty list' : before.join(', ')}.`,
    `After: ${list.join(', ')}.`,
    isVisible ? 'IAM shows the new list.' : 'IAM accepted the update, but does not show it yet.',
    'All conditions of an update were met.',
  ].join(' ');
  const finding: Finding = {
    check: 'THUMB001',
    severity: 'medium',
    message,
    change: { kind: 'list-updated', ...updated },
    remedy: joinSteps(
      by === 'monitor' ? 'No action is needed.' : lookInCloudTrail('UpdateOpenIDConnectProviderThumbprint'),
      withCommand(
        'To undo the update (the monitor will not add the same thumbprint again)',
        updateCommand(target.providerArn ?? '', before),
      ),
    ),
  };
  return { eventType: 'updated', severity: 'medium', target, findings: [finding], since: now.toISOString() };
}

/** The finding for a refusal: which guard, and what people can do themselves. */
export const refusalFinding = (
  target: TargetReport,
  guard: Guard,
  added: readonly string[],
  anchoredOnce: AnchoredOnce | null = null,
): Finding => ({
  check: guard.id === 'room' ? 'THUMB005' : 'THUMB001',
  severity: 'medium',
  subject: `${guard.id} ${added.join(' ')}`,
  message: `The thumbprint list of ${target.issuer} was not updated (guard: ${guard.id}). ${guard.refused} The update would have added ${added.join(', ')}.`,
  remedy: refusalRemedy(target, guard, added, anchoredOnce),
});

/** The finding if every guard passed and the write failed. */
export const writeFailure = (target: TargetReport, { message, code }: Failure): Finding => ({
  check: 'THUMB001',
  severity: 'medium',
  subject: `write ${code}`,
  message: `The thumbprint list of ${target.issuer} could not be updated. ${message}`,
  remedy: `Look up ${code} in the runbook.`,
});

/** Commands contain anchored thumbprints only. */
function refusalRemedy(
  { providerArn, listed, proposed = [] }: TargetReport,
  guard: Guard,
  added: readonly string[],
  anchoredOnce: AnchoredOnce | null,
): string {
  const arn = providerArn ?? '';
  const right = added.filter((each) => proposed.includes(each));
  if (right.length < added.length)
    return 'There is no command, because no trust anchor verifies all of the certificates. Check the evidence, and the findings CERT005, CERT006 or CERT007 of this host.';
  if (guard.id !== 'room')
    return joinSteps(
      'Check the evidence.',
      withCommand(
        'If the certificate is correct, add its thumbprint yourself (existing entries stay)',
        updateCommand(arn, [...listed, ...right]),
      ),
    );
  return fullRemedy({ arn, thumbprints: listed }, right, anchoredOnce);
}

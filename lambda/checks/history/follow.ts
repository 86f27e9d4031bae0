/** Compares the observation of each target with its memory. */
import { acceptFindings, isSubjectAccepted, openFindings } from '../suppressions';
import type { AcceptScope } from '../suppressions';
import type { AcceptedFinding, UpdateMode } from '../../config/config';
import { describeChange } from './change';
import { anchoredOnceIn, remember } from './history';
import { evaluateTarget, sortFindings } from '../target';
import type { Observation } from '../target';
import { completeIntent, settleIntent } from './intents';
import type { TargetMemory } from '../../state/schema';
import { observedIn } from './observed';
import { skippedChecks, skippedOfTarget } from '../coverage';
import type { Followed } from './followed';

/** The context in which a target is evaluated. */
export interface FollowContext {
  readonly accept: readonly AcceptedFinding[];
  /** Null: not known. */
  readonly account: string | null;
  readonly now: Date;
  /** Whether the configuration permits updates. */
  readonly update: UpdateMode;
  /** Null: it was never collected. */
  readonly memory: TargetMemory | null;
  /** The state contains no earlier run. */
  readonly isFirstRun: boolean;
  /** There is no state between runs, or it could not be loaded. */
  readonly isStateless: boolean;
}

/** Evaluates a target with its history. Nothing is confirmed by a second look yet. */
export function followTarget(
  observation: Observation,
  { accept, account, now, update, memory, isFirstRun, isStateless }: FollowContext,
): Followed {
  const { issuer } = observation.target;
  const alone = evaluateTarget(observation, {
    update,
    anchoredOnce: memory === null ? null : anchoredOnceIn(memory),
  });
  const skipped = skippedChecks(observation, alone);
  const scope: AcceptScope = {
    issuer,
    account,
    baselines: isStateless ? null : (memory?.baselines ?? []),
    isNew: memory === null,
    skipped,
    exists: [],
    now,
  };
  const observed = observedIn(observation, alone, {
    isAcceptedHost: (host) => isSubjectAccepted('DISC003', host, accept, scope),
    mayUpdate: update !== 'off',
  });
  const remembered = remember(memory, observed, now);
  const settled = settleIntent(
    memory?.intent ?? null,
    observation.provider?.ok === true ? alone.listed : null,
    {
      mode: update,
      now,
    },
  );
  const findings = sortFindings([...alone.findings, ...remembered.findings]);
  const accepting = acceptFindings(findings, accept, { ...scope, exists: hostsOf(observed.jwksHost) });
  const after = { ...remembered.memory, baselines: accepting.baselines };
  const report = { ...alone, findings: accepting.findings };
  const notRun = skippedOfTarget(observation, report);
  return {
    report: notRun.length === 0 ? report : { ...report, skipped: notRun },
    skipped,
    memory: settled === null ? after : completeIntent(after, settled, now),
    remarks: accepting.remarks,
    baseline: isFirstRun && memory === null,
    confirmed: new Set(),
    refusal: null,
    waiting: openFindings(acceptFindings(remembered.waiting.map(describeChange), accept, scope).findings),
    updated: settled?.kind === 'done' ? settled.updated : null,
    intent: settled?.kind === 'done' ? settled.intent : null,
  };
}

/** The host of the trusted keys exists, whether or not it is the same as before. */
const hostsOf = (jwksHost: string | null): AcceptScope['exists'] =>
  jwksHost === null ? [] : [{ check: 'DISC003', subject: jwksHost }];

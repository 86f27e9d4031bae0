/** One run of the monitor, as a story. The only place where a failure of the outside world stops. */
import { markAccepted } from './core/accepted';
import { composeAlert, composeTest } from './core/alert';
import type { MonitorConfig } from './core/config';
import type { Failure, Outcome, Report } from './core/domain';
import { AccessError } from './core/errors';
import { narrow } from './core/event';
import type { MonitorEvent } from './core/event';
import { accountOfArn } from './core/issuer';
import { judgeTarget, withTrust } from './core/judge';
import type { Observation } from './core/judge';
import { assembleReport } from './core/report';
import { configuredIssuers, findTargets } from './core/targets';
import { observer } from './observe';
import type { Observer } from './observe';
import { trustObserver } from './observe-trust';
import type { Ports } from './ports';

/** What a run is asked, and in whose account. */
export interface Assignment {
  readonly event: MonitorEvent;
  readonly config: MonitorConfig;
  /** Null where only the providers' ARNs can tell. */
  readonly account: string | null;
}

/** Runs once. Throws EventError, AccessError and PublishError; every other fault stands in the report. */
export async function audit(assignment: Assignment, ports: Ports): Promise<Report> {
  const { event, config, account } = assignment;
  if (event.action === 'test-alert') return testAlert(assignment, ports);
  const startedAt = ports.now();
  const observing = observer(ports, { ...config, now: startedAt });
  beginConfigured(assignment, observing);
  const trusting = trustObserver(ports, { config, selection: event.selection });
  const listed = await ports.listProviders();
  const unlisted = listed.ok ? null : listed.failure;
  if (unlisted?.code === 'AWS_ACCESS_DENIED') throw new AccessError(unlisted.message);
  const targets = selectTargets(assignment, listed);
  const observations = await Promise.all(targets.map((target) => observing.observe(target, unlisted)));
  refuseIfAllDenied(observations);
  const trust = await trusting(observations, listed.ok ? listed.value : null);
  const report = assembleReport({
    action: event.action,
    account: account ?? accountOfProviders(listed),
    startedAt,
    finishedAt: ports.now(),
    targets: observations
      .map((seen) => withTrust(judgeTarget(seen), trust.of(seen)))
      .map((target) => markAccepted(target, config.accept, startedAt)),
    findings: trust.findings,
    failures: [...(unlisted === null ? [] : [unlisted]), ...trust.failures],
    notes: trust.notes,
  });
  if (event.action === 'monitor') await tell(report, ports);
  return report;
}

async function tell(report: Report, ports: Ports): Promise<void> {
  const message = composeAlert(report);
  if (message !== null) await ports.publish(message);
}

/** What the configuration names needs no listing, so it begins beside it. */
function beginConfigured({ event, config }: Assignment, observing: Observer): void {
  configuredIssuers(config)
    .filter((issuer) => event.selection === null || event.selection.includes(issuer))
    .forEach(observing.begin);
}

function selectTargets(
  { event, config }: Assignment,
  listed: Outcome<readonly string[]>,
): ReturnType<typeof findTargets> {
  const permitted = findTargets(config, listed.ok ? listed.value : []);
  narrow(
    event,
    permitted.map(({ issuer }) => issuer),
  );
  return permitted.filter(({ issuer }) => event.selection === null || event.selection.includes(issuer));
}

/** Being denied one provider is a target's failure; being denied all is a broken deployment. */
function refuseIfAllDenied(observations: readonly Observation[]): void {
  const denied = observations.flatMap(({ provider }): readonly Failure[] =>
    provider?.ok === false && provider.failure.code === 'AWS_ACCESS_DENIED' ? [provider.failure] : [],
  );
  const [first] = denied;
  const read = observations.filter(({ target }) => target.providerArn !== null);
  if (first !== undefined && denied.length === read.length) throw new AccessError(first.message);
}

function accountOfProviders(listed: Outcome<readonly string[]>): string | null {
  const [first] = listed.ok ? listed.value : [];
  return first === undefined ? null : accountOfArn(first);
}

async function testAlert({ account }: Assignment, ports: Ports): Promise<Report> {
  const now = ports.now();
  const report = assembleReport({
    action: 'test-alert',
    account,
    startedAt: now,
    finishedAt: now,
    targets: [],
  });
  await ports.publish(composeTest(report));
  return report;
}

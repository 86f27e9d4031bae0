/** The command `audit`: the same run as the function's, from here. */
import { setTimeout as sleep } from 'node:timers/promises';
import { rootCertificates } from 'node:tls';
import { runOnce } from '../../lambda/run';
import type { MonitorConfig } from '../../lambda/config/config';
import type { Outcome, Report } from '../../lambda/domain/types';
import { failure } from '../../lambda/domain/errors';
import { beforeDeadline } from '../../lambda/deadline';
import type { Ports } from '../../lambda/ports';
import { openNetwork } from '../../lambda/wiring';
import { openTrustStore } from '../../lambda/x509/trust-store';
import { noAccount, openAccount } from '../account';
import type { AuditFlags } from '../request';
import { configOf } from '../config';
import { SELECT_BY, reportInFlags } from '../flag-names';
import { newBoard, showProgress, wantsProgress, watch } from '../progress';
import type { Shell } from '../shell';

/** What `--no-aws` leaves out, so that nobody takes it for passed. */
const WITHOUT_AWS =
  'With --no-aws, IAM was not read. This audit covers the discovery documents, the signing keys and the TLS certificates of the issuers. Skipped: the providers, their thumbprint lists and audiences, and the roles with their trust policies. The expected thumbprints are those that a provider of the issuer should list.';

/** A request to write would be a bug. */
class AuditWrites extends Error {
  override readonly name = 'AuditWrites';
}

const refuseAudit = (): Promise<never> =>
  Promise.reject(new AuditWrites('An audit publishes nothing and changes nothing.'));

/** The audit saves no state, so it does not know which subjects existed when an entry was written. */
async function warnOfWideEntries(
  { accept }: MonitorConfig,
  { output }: AuditFlags,
  { stderr }: Shell,
): Promise<void> {
  const wide = accept.filter(({ subject }) => subject === undefined);
  // These show the note of the report, which says the same.
  if (wide.length === 0 || output === 'table' || output === 'markdown') return;
  const checks = [...new Set(wide.map(({ check }) => check))].join(', ');
  await stderr.write(
    `Warning: entries of --accept without a subject cover every finding of their check, including new findings (${checks}). To accept one finding only, add its subject to the entry.\n`,
  );
}

/** Runs the audit. After Ctrl-C the report holds what is known, the rest as not audited. Throws UsageError. */
export async function runAudit(flags: AuditFlags, shell: Shell): Promise<Report> {
  const config = await configOf(flags, shell.now());
  const account = flags.aws ? await openAccount(flags, shell) : noAccount;
  await warnOfWideEntries(config, flags, shell);
  const network = openNetwork(config, openTrustStore(rootCertificates));
  const board = newBoard();
  const ports: Ports = {
    ...watch({ ...account, ...network }, board, config, shell.now),
    publish: refuseAudit,
    updateThumbprints: refuseAudit,
    publishChat: null,
    countRecipients: null,
    store: null,
    accountAlias: () => Promise.resolve(null),
    record: () => undefined,
    trust: network.trust,
    node: shell.node,
    now: shell.now,
    wait: (milliseconds) => sleep(milliseconds),
    deadline: shell.interrupted,
  };
  const stop = wantsProgress(shell, flags.quiet) ? showProgress(board, shell) : () => Promise.resolve();
  try {
    const report = await runOnce(
      { event: { action: 'audit', selection: null }, config, account: null, selectBy: SELECT_BY },
      { ...ports, listProviders: () => orInterrupted(ports.listProviders(), shell.interrupted) },
    );
    return reportInFlags(report, flags.aws ? [] : [WITHOUT_AWS]);
  } finally {
    await stop();
    await network.close();
  }
}

async function orInterrupted<T>(answer: Promise<Outcome<T>>, interrupted: AbortSignal): Promise<Outcome<T>> {
  const outcome = await beforeDeadline(answer, interrupted);
  if (outcome !== 'late') return outcome;
  const message = 'The audit was interrupted before IAM had listed the providers of the account.';
  return { ok: false, failure: failure('deadline', 'DEADLINE_EXCEEDED', message) };
}

/** The first sentences of a message: what changed, for whom, and whether it breaks logins. */
import type { Notification } from '../../domain/notification';
import type { Finding, TargetReport } from '../../domain/types';
import { circleCiOrgOf, hostOf } from '../../oidc/issuer';
import { recipeYear } from '../../x509/known-certificates';
import { count, showTime } from '../../text/layout';
import { normaliseThumbprint } from '../../x509/thumbprint';
import { hostName } from '../../domain/host';

/** Notifications that say the same of several targets. */
export type Batch = readonly [Notification, ...Notification[]];

/** What one batch says, as paragraphs. */
export function verdictOf(batch: Batch): readonly string[] {
  const [{ eventType, findings, since }] = batch;
  const messages = [...new Set(findings.map(({ message }) => message))];
  switch (eventType) {
    case 'drift.firing':
      return [driftOf(batch)];
    case 'drift.reminder':
      return [`Still so since ${dayOf(since)}: ${driftOf(batch)}`];
    case 'drift.resolved':
      return [endOfDrift(batch)];
    case 'unknown.firing':
      return [`${blindnessOf(batch)} ${BLIND}`];
    case 'unknown.reminder':
      return [`Still so: ${blindnessOf(batch)} ${BLIND}`];
    case 'unknown.resolved':
      return [
        `${whoOf(batch)} can be checked again. ${verb(batch, 'It', 'They')} could not be since ${showTime(since)}.`,
      ];
    case 'finding.reminder':
      return messages.map((message) => `Still so since ${dayOf(since)}: ${message}`);
    case 'finding.resolved':
      return messages.map((message) => `It is over for ${targetNameOf(batch)}: ${message}`);
    case 'finding.firing':
    case 'keys.changed':
    case 'updated':
    case 'update.refused':
    case 'test':
      return batch.length > 1 ? [`For ${targetNameOf(batch)}:`, ...messages] : messages;
  }
}

const BLIND =
  'Until it can be checked again, nobody would hear of a change there. What cannot be seen is not called drift.';

/** `2026-11-24` of an ISO 8601 time. */
const dayOf = (iso: string): string => iso.slice(0, 10);

const verb = (batch: Batch, one: string, many: string): string => (batch.length === 1 ? one : many);

const targetsIn = (batch: Batch): readonly TargetReport[] =>
  batch.flatMap(({ target }) => (target === null ? [] : [target]));

/** "Your 3 CircleCI providers", at the beginning of a sentence. */
function whoOf(batch: Batch): string {
  const targets = targetsIn(batch);
  const kind = targets.every(({ issuer }) => circleCiOrgOf(issuer) !== null)
    ? 'CircleCI provider'
    : 'provider';
  const [first] = targets;
  if (first === undefined) return 'The monitor';
  return targets.length === 1 ? `Your ${kind} for ${first.issuer}` : `Your ${count(targets.length, kind)}`;
}

const targetNameOf = (batch: Batch): string => {
  const [first, ...others] = targetsIn(batch);
  if (first === undefined) return 'this account';
  return others.length === 0 ? first.issuer : `${first.issuer} and ${others.length} more`;
};

/**
 * Drift also ends if its provider is deleted, which is not good: PROV001 reports it if the provider is
 * needed.
 */
function endOfDrift(batch: Batch): string {
  const isGone = targetsIn(batch).every(({ status }) => status === 'provider-missing');
  if (isGone)
    return `${whoOf(batch)} ${verb(batch, 'is', 'are')} gone, and ${verb(batch, 'its list', 'their lists')} with it.`;
  return `${whoOf(batch)} ${verb(batch, 'lists', 'list')} what is served again. It is over.`;
}

function driftOf(batch: Batch): string {
  const [{ target, findings }] = batch;
  if (target === null) return '';
  const what = findings.some(({ check }) => check === 'THUMB001')
    ? listsNothing(target, batch)
    : `${verb(batch, 'does', 'do')} not list all that AWS may meet`;
  return `${whoOf(batch)} ${what}. ${consequence(target.enforced, findings)}`;
}

function listsNothing({ listed, issuer }: TargetReport, batch: Batch): string {
  const list = verb(batch, 'lists', 'list');
  if (listed.length === 0) return `${list} no certificate`;
  const [year, ...others] = [...new Set(listed.map((each) => recipeYear(normaliseThumbprint(each))))];
  if (year !== undefined && year !== null && others.length === 0) return `${list} a ${year} certificate`;
  return `${list} no certificate that ${hostName(hostOf(issuer))} serves`;
}

function consequence(enforced: boolean | null, findings: readonly Finding[]): string {
  if (enforced === null) return 'Whether logins are affected is not known.';
  if (!enforced) return 'No login is affected today.';
  return findings.some(({ severity }) => severity === 'critical') ? 'Logins fail.' : 'Logins may fail.';
}

function blindnessOf(batch: Batch): string {
  const [{ target, since, findings }] = batch;
  const why = target?.failure?.message ?? findings[0]?.message ?? '';
  const who = target === null ? 'A part of the account' : whoOf(batch);
  return `${who} could not be checked since ${showTime(since)}${why === '' ? '.' : `: ${why}`}`;
}

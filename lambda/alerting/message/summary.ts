/** What a topic says: what happened, at which providers or roles, and since when. */
import type { Finding } from '../../domain/types';
import { checkOf } from '../../domain/checks';
import { groupBy } from '../../domain/group';
import { hostName } from '../../domain/host';
import { circleCiOrgOf, hostOf } from '../../oidc/issuer';
import { count, showTime } from '../../text/layout';
import { nameOfFinding, textsOfSimilar } from '../../report/similar';
import { recipeYear } from '../../x509/known-certificates';
import { normaliseThumbprint } from '../../x509/thumbprint';
import { atBeginning, effectOf } from './outcome';
import { isResolved, targetsOf } from './topic';
import type { Entry, Topic } from './topic';

/** The paragraphs of a topic: sentences, not wrapped yet. */
export function paragraphsOf(topic: Topic): readonly string[] {
  switch (topic.eventType) {
    case 'drift.firing':
    case 'drift.reminder':
      return driftParagraphs(topic);
    case 'drift.resolved':
      return [endOfDrift(topic)];
    case 'unknown.firing':
    case 'unknown.reminder':
      return [failureOf(topic), NOT_DRIFT];
    case 'unknown.resolved':
      return [`Resolved: ${whoOf(topic)} can be checked again.`];
    case 'finding.firing':
    case 'finding.reminder':
    case 'finding.resolved':
    case 'keys.changed':
    case 'updated':
    case 'update.refused':
    case 'test':
      return textsOfSimilar(findingsIn(topic));
  }
}

/** Different lists of several targets, on which no login depends, need no details. */
function driftParagraphs(topic: Topic): readonly string[] {
  const messages = messagesOf(topic);
  if (effectOf(topic) !== 'none') return [driftOf(topic), ...messages];
  const [{ notification }] = topic.entries;
  const isOfFirst = messages.every((words) => notification.findings.some(({ message }) => message === words));
  return isOfFirst ? [driftOf(topic), ...messages, 'This is not urgent.'] : [driftOf(topic), NOT_USED];
}

const NOT_USED = 'This is not urgent: AWS does not use these lists today.';

const NOT_DRIFT =
  'This is not a drift alert: the check itself failed. Until it works again, the monitor cannot detect changes there.';

const findingsIn = ({ entries }: Topic): readonly Finding[] =>
  entries.flatMap(({ notification, finding }) => (finding === null ? notification.findings : [finding]));

const messagesOf = (topic: Topic): readonly string[] => [
  ...new Set(findingsIn(topic).map(({ message }) => message)),
];

/** Since when: the earliest time, if the topic has existed before this run. */
export function beginningOf(topic: Topic): string | null {
  const [first] = topic.entries
    .map(({ notification, finding }) => finding?.since ?? notification.since)
    .sort();
  if (first === undefined || topic.eventType === 'test' || topic.eventType === 'updated') return null;
  const time = showTime(first);
  if (topic.eventType.endsWith('.reminder')) return `Ongoing since ${time}.`;
  return isResolved(topic) ? `The problem began at ${time}.` : `First found at ${time}.`;
}

/** "Your 3 CircleCI providers", at the beginning of a sentence. */
function whoOf(topic: Topic): string {
  const targets = targetsOf(topic);
  const kind = targets.every(({ issuer }) => circleCiOrgOf(issuer) !== null)
    ? 'CircleCI provider'
    : 'provider';
  const [first] = targets;
  if (first === undefined) return 'the account';
  return targets.length === 1 ? `your ${kind} for ${first.issuer}` : `your ${count(targets.length, kind)}`;
}

const verb = (topic: Topic, one: string, many: string): string => (targetsOf(topic).length > 1 ? many : one);

function driftOf(topic: Topic): string {
  const what =
    targetsOf(topic).length > 0 && findingsIn(topic).some(({ check }) => check === 'THUMB001')
      ? listsNothing(topic)
      : `${verb(topic, 'is', 'are')} missing a certificate that AWS may compare`;
  return `${atBeginning(whoOf(topic))} ${what}.`;
}

function listsNothing(topic: Topic): string {
  const list = verb(topic, 'lists', 'list');
  const targets = targetsOf(topic);
  if (targets.every(({ listed }) => listed.length === 0)) return `${list} no thumbprint`;
  const years = targets.flatMap(({ listed }) => listed.map((each) => recipeYear(normaliseThumbprint(each))));
  const [year, ...others] = [...new Set(years)];
  if (year !== undefined && year !== null && others.length === 0)
    return `still ${list} a thumbprint from ${year} setup guides; no server uses it any more`;
  const [host = '', ...more] = new Set(targets.map(({ issuer }) => hostName(hostOf(issuer))));
  return more.length === 0
    ? `${list} no certificate that ${host} sends`
    : `${list} no certificate that the issuers send`;
}

/**
 * Drift also ends if its provider is deleted, which is not good: PROV001 reports it if the provider is
 * needed.
 */
function endOfDrift(topic: Topic): string {
  const isDeleted = targetsOf(topic).every(({ status }) => status === 'provider-missing');
  return isDeleted
    ? `${atBeginning(whoOf(topic))} ${verb(topic, 'was', 'were')} deleted, so the outdated ${verb(topic, 'list no longer exists', 'lists no longer exist')}.`
    : `Resolved: the thumbprint ${verb(topic, 'list', 'lists')} of ${whoOf(topic)} ${verb(topic, 'is', 'are')} complete again.`;
}

function failureOf(topic: Topic): string {
  const [{ notification }] = topic.entries;
  const { target, findings } = notification;
  if (target === null) return 'A part of the account could not be checked.';
  const why = target.failure?.message ?? findings[0]?.message;
  const who = `${atBeginning(whoOf(topic))} could not be checked`;
  if (why === undefined) return `${who}.`;
  const reasons = new Set(targetsOf(topic).map((one) => one.failure?.message));
  return reasons.size > 1 ? `${who}. For example: ${why}` : `${who}: ${why}`;
}

/** What an entry is about, for a list. */
export const lineNameOf = ({ notification, finding }: Entry): string =>
  nameOfFinding(finding, notification.target?.issuer ?? null);

/** Nobody has to act on what is for information only: a few names are enough. */
const MAX_NAMES_OF_INFO = 5;

/** Names under their common properties, for topics that a message does not explain. */
export function listEntries(
  entries: readonly { readonly topic: Topic; readonly entry: Entry }[],
): readonly string[] {
  return [...groupBy(entries, ({ topic, entry }) => headingOf(topic, entry))].map(([heading, group]) => {
    const names = [...new Set(group.map(({ entry }) => `  ${lineNameOf(entry)}`))];
    const isInfo = group.every(
      ({ entry: { finding, notification } }) => (finding?.severity ?? notification.severity) === 'info',
    );
    const shown = isInfo ? names.slice(0, MAX_NAMES_OF_INFO) : names;
    const more = names.length - shown.length;
    return [`${heading}:`, ...shown, ...(more === 0 ? [] : [`  and ${more} more`])].join('\n');
  });
}

function headingOf({ eventType }: Topic, { notification, finding }: Entry): string {
  const state = eventType.endsWith('.reminder')
    ? ', ongoing'
    : isResolved({ eventType })
      ? ', resolved'
      : eventType === 'unknown.firing'
        ? ', could not be checked'
        : '';
  const what = finding === null ? '' : ` ${finding.check}: ${checkOf(finding.check).problem}`;
  return `${finding?.severity ?? notification.severity}${what}${state}`;
}

/**
 * The mail of a run. It answers in this order: what happened and where, whether logins fail, who is affected,
 * what to do; the evidence is last.
 */
import { isAbout } from '../../domain/checks';
import { groupBy } from '../../domain/group';
import type { CheckId } from '../../domain/checks';
import type { FailureCode } from '../../domain/errors';
import { STATEMENTS } from '../../domain/logins';
import type { LoginEffect } from '../../domain/logins';
import type { Notification } from '../../domain/notification';
import type { Failure, Finding, TargetReport } from '../../domain/types';
import { terraformList } from '../../remedies/remedy';
import { evidence } from '../../report/evidence';
import { groupByCause, groupRemedies } from '../../report/group';
import { briefText } from './brevity';
import { escapeForeign, escapeLines } from '../../text/escape';
import { MAIL_COLUMNS, count, section, wrap } from '../../text/layout';
import { effectOfAll, headlineOf, labelOf, roleName } from './outcome';
import type { Account } from './outcome';
import { beginningOf, lineNameOf, listEntries, paragraphsOf } from './summary';
import { findingsOf, isResolved, roleOf, targetsOf, topicsOf } from './topic';
import type { Entry, Topic } from './topic';

/** The content of a mail. */
export interface MailContent {
  /** At least one. */
  readonly notifications: readonly Notification[];
  /** What a reader must know besides, for example that there is no state. */
  readonly remarks: readonly string[];
  /** Failures that belong to no target. */
  readonly failures: readonly Failure[];
  /** All targets of the run failed. */
  readonly isBlind: boolean;
  readonly account: Account;
  /** Where the documentation is; null: the mail names checks and codes without a link. */
  readonly docsUrl: string | null;
}

/** The limits of a mail: topics that are explained, names in its lists, characters besides the lists. */
export interface MailRoom {
  readonly most: number;
  readonly names: number;
  readonly characters: number;
}

/** A mail, and the findings that it does not name. */
export interface Mail {
  readonly text: string;
  readonly omitted: readonly Entry[];
}

/** Plain text, prose in lines of at most 78 columns, commands unbroken. Returns what it omits. */
export function composeMail(content: MailContent, { most, names, characters }: MailRoom): Mail {
  const { notifications, remarks, failures } = content;
  const topics = topicsOf(notifications);
  const explained = topics.slice(0, most);
  const head = headOf(topics, content);
  const others = [...failures.map(({ message }) => wrap(message)), ...remarks.map((words) => wrap(words))];
  const tail = [
    ...section('WHAT TO DO', actionsOf(explained, failures)),
    ...section('EVIDENCE', evidenceOf(explained)),
    ...referencesTo(explained, failures, content.docsUrl),
  ];
  const bare = [...head, ...explained.flatMap((topic) => explain(topic, explained.length, [])), ...others];
  // A text that is cut need not name what it explains.
  const isCut = escapeLines([...bare, ...tail].join('\n\n')).length > characters;
  const listing = listNames(topics, isCut ? 0 : explained.length, names);
  const list = [
    ...section('ALSO FOUND', listEntries(listing.others)),
    ...(listing.omitted.length === 0 ? [] : [omittedLine(listing.omitted.length)]),
  ];
  const text = isCut
    ? withList(briefText(escapeLines([...bare, ...tail].join('\n\n')), characters), list)
    : `${escapeLines(
        [
          ...head,
          ...explained.flatMap((topic, index) =>
            explain(topic, explained.length, listing.named[index] ?? []),
          ),
          ...others,
          ...list,
          ...tail,
        ].join('\n\n'),
      )}\n`;
  return { text, omitted: listing.omitted };
}

/** At most two lines, so that the third line of a mail says whether logins fail. */
const MAX_HEADLINE = 99;

/** What happened and where, what it means for logins, and the roles: the first lines of every mail. */
function headOf(topics: readonly Topic[], { isBlind, account }: MailContent): readonly string[] {
  const [worst, ...rest] = topics;
  if (worst === undefined) return [];
  const limits = { max: MAX_HEADLINE, severity: null, ascii: false };
  const effect = isBlind ? 'unknown' : effectOfAll(topics);
  const roles = rolesLine(worst, effect);
  return [
    [
      wrap(headlineOf([worst, ...rest], isBlind, account, limits)),
      STATEMENTS[effect],
      ...(roles === null ? [] : [roles]),
    ].join('\n'),
  ];
}

/** The roles of a topic: those that it is about, or those that trust the provider. */
function rolesIn(topic: Topic): readonly string[] {
  const own = topic.entries.flatMap((entry) => roleOf(entry) ?? []);
  const trusting = targetsOf(topic).flatMap(({ roles }) => roles);
  return [...new Set(own.length > 0 ? own : trusting)];
}

/** As many names as fit into one line; null: there are none. */
function rolesLine(topic: Topic, effect: LoginEffect): string | null {
  const names = [...new Set(rolesIn(topic).map((arn) => escapeForeign(roleName(arn))))];
  const label = effect === 'none' ? 'Roles' : 'Affected roles';
  // More have no room in one line, however short they are.
  for (let shown = Math.min(names.length, MAIL_COLUMNS / 3); shown > 0; shown -= 1) {
    const rest = names.length - shown;
    const line = `${label}: ${names.slice(0, shown).join(', ')}${rest === 0 ? '' : ` and ${rest} more`}`;
    if (line.length <= MAIL_COLUMNS) return line;
  }
  return names.length === 0 ? null : `${label}: ${names.length}`;
}

/** The severity and the paragraphs of a topic, and the names of its list. */
function explain(topic: Topic, topics: number, names: readonly string[]): readonly string[] {
  const [first = '', ...rest] = paragraphsOf(topic).map((words) => wrap(words));
  const began = beginningOf(topic);
  return [
    topics > 1 ? `${wrap(labelOf(topic))}\n${first}` : first,
    ...rest,
    ...(names.length === 0 ? [] : [names.map((name) => `  ${name}`).join('\n')]),
    ...rolesOfDrift(topic),
    ...(began === null ? [] : [began]),
  ];
}

const MAX_ROLES = 20;

/** A list that is outdated concerns every role that trusts its provider. */
function rolesOfDrift(topic: Topic): readonly string[] {
  const roles = rolesIn(topic);
  if (!topic.eventType.startsWith('drift.') || isResolved(topic) || roles.length === 0) return [];
  const rest = roles.length - MAX_ROLES;
  return [
    [
      'Roles that depend on it:',
      ...roles.slice(0, MAX_ROLES).map((arn) => `  ${escapeForeign(arn)}`),
      ...(rest > 0 ? [`  and ${rest} more`] : []),
    ].join('\n'),
  ];
}

interface Listing {
  /** The names of each explained topic; none if its text names its only entry. */
  readonly named: readonly (readonly string[])[];
  /** What is listed without an explanation. */
  readonly others: readonly { readonly topic: Topic; readonly entry: Entry }[];
  readonly omitted: readonly Entry[];
}

/** Distributes the names that there is room for. */
function listNames(topics: readonly Topic[], explained: number, names: number): Listing {
  let room = names;
  const named: (readonly string[])[] = [];
  const others: { readonly topic: Topic; readonly entry: Entry }[] = [];
  const omitted: Entry[] = [];
  for (const [index, topic] of topics.entries()) {
    const own = index < explained;
    if (own && topic.entries.length === 1) {
      named.push(nameIfMissing(topic));
      continue;
    }
    const entries = own ? topic.entries : findingsOf(topic);
    const shown = entries.slice(0, room);
    room -= shown.length;
    if (own) named.push([...new Set(shown.map(lineNameOf))]);
    else others.push(...shown.map((entry) => ({ topic, entry })));
    omitted.push(...findingsOf({ entries: entries.slice(shown.length) }));
  }
  return { named, others, omitted };
}

/** Many texts name no provider: then a list of one does. */
function nameIfMissing(topic: Topic): readonly string[] {
  const [entry] = topic.entries;
  const name = roleOf(entry) ?? entry.notification.target?.issuer;
  const isNamed = name === undefined || paragraphsOf(topic).some((words) => words.includes(name));
  return isNamed ? [] : [lineNameOf(entry)];
}

/** The list precedes what to do. */
function withList(text: string, list: readonly string[]): string {
  const at = text.indexOf(ACTIONS);
  const end = at === -1 ? text.length : at;
  return [text.slice(0, end).trimEnd(), ...list].join('\n\n') + (at === -1 ? '\n' : text.slice(end));
}

const ACTIONS = '\n\nWHAT TO DO\n\n';

/** The next run alerts what is not named, since it does not count as notified. */
const omittedLine = (amount: number): string =>
  wrap(
    `Left out because the message is too long: ${count(amount, 'more finding')}. The next run sends them. ${SEE_ALL}`,
  );

const SEE_ALL = 'To see all findings now: thumbprint-monitor audit --output json';

function actionsOf(topics: readonly Topic[], failures: readonly Failure[]): readonly string[] {
  const open = topics.filter((topic) => !isResolved(topic));
  const actions = open
    .map((topic) => ({ topic, steps: stepsOf(topic) }))
    .filter(({ steps }) => steps.length > 0);
  const steps = actions.flatMap(({ topic, steps: [first = '', ...rest] }) =>
    actions.length > 1 ? [`[${topic.severity}] ${aboutOf(topic)}\n${first}`, ...rest] : [first, ...rest],
  );
  const codes = [...new Set(failures.map(({ code }) => code))];
  const all = [
    ...steps,
    ...(codes.length === 0 ? [] : [wrap(`Look up ${codes.join(', ')} in the runbook.`)]),
  ];
  return all.length > 0 ? all : ['Nothing.'];
}

/** A name for the remedies of a topic among others. */
function aboutOf({ entries }: Topic): string {
  const [first] = entries;
  return entries.length === 1 ? lineNameOf(first) : `${lineNameOf(first)} and ${entries.length - 1} more`;
}

function stepsOf(topic: Topic): readonly string[] {
  const remedies = topic.entries.map(({ notification, finding }) =>
    (finding === null ? notification.findings : [finding]).map(({ remedy }) => remedy),
  );
  const [target] = targetsOf(topic);
  const isDrift = topic.eventType.startsWith('drift.') && target !== undefined;
  return [...groupRemedies(remedies), ...(isDrift ? terraformParts(target) : [])];
}

/** The list may be managed in code: then the next apply would revert a command. */
function terraformParts({ listed, proposed, expected }: TargetReport): readonly string[] {
  const list = terraformList(listed, proposed ?? expected);
  return list === null
    ? []
    : [wrap('Or, if Terraform manages the list, set in aws_iam_openid_connect_provider:'), list];
}

/** Whether chains are evidence for a finding. They are none for a role's policy. */
const restsOnChains = (finding: Finding): boolean =>
  isAbout(finding, 'thumbprints', 'certificates', 'network', 'discovery');

/** Once for each provider, and for those with equal results together. */
function evidenceOf(topics: readonly Topic[]): readonly string[] {
  const entries = topics.flatMap(({ entries: own }) => own);
  const byIssuer = groupBy(
    entries.filter(({ notification }) => notification.target !== null),
    ({ notification }) => notification.target?.issuer,
  );
  const targets = [...byIssuer.values()].flatMap((own) => {
    const [{ notification }] = own;
    const findings = own.flatMap((one) => (one.finding === null ? one.notification.findings : [one.finding]));
    const isShown =
      findings.some(restsOnChains) ||
      own.some((one) => /^(drift|unknown)\./.test(one.notification.eventType));
    return notification.target === null || !isShown ? [] : [{ ...notification.target, findings }];
  });
  return groupByCause(targets).map((group) => evidence(group));
}

/** Where checks and codes are described. */
function referencesTo(
  topics: readonly Topic[],
  failures: readonly Failure[],
  docsUrl: string | null,
): readonly string[] {
  const entries = topics.flatMap(findingsOf);
  const checks = sorted(entries.flatMap(({ finding }) => finding?.check ?? []));
  const codes = sorted([
    ...failures.map(({ code }) => code),
    ...topics.flatMap((topic) => targetsOf(topic).flatMap(({ failure }) => failure?.code ?? [])),
  ]);
  if (docsUrl !== null)
    return section('READ MORE', [
      ...checks.map(pageOf(docsUrl, 'findings')),
      ...codes.map(pageOf(docsUrl, 'runbook')),
    ]);
  return section('REFERENCE', [
    ...(checks.length === 0 ? [] : [wrap(`Checks: ${checks.join(', ')}.`)]),
    ...(codes.length === 0 ? [] : [wrap(`Failure codes: ${codes.join(', ')}.`)]),
  ]);
}

/** The heading of a check or code on its page. */
const pageOf =
  (docsUrl: string, page: 'findings' | 'runbook') =>
  (id: CheckId | FailureCode): string =>
    `${docsUrl.replace(/\/$/, '')}/${page}.md#${id.toLowerCase()}`;

const sorted = <T extends string>(values: readonly T[]): readonly T[] => [...new Set(values)].sort();

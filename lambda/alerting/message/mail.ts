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
import type { Failure, Finding, TargetReport } from '../../domain/types';
import { fewPolicies } from '../../remedies/policies';
import { terraformList } from '../../remedies/remedy';
import { remedySteps } from '../../remedies/steps';
import { evidence } from '../../report/evidence';
import { groupByCause, groupRemedies } from '../../report/group';
import { ACTIONS, briefText } from './brevity';
import { escapeForeign, escapeLines } from '../../text/escape';
import { MAIL_COLUMNS, count, section, wrap } from '../../text/layout';
import { firstAndMore } from '../../text/list';
import { effectOf, effectOfAll, headlineOf, labelOf, roleName } from './outcome';
import type { Account } from './outcome';
import { beginningOf, lineNameOf, listEntries, paragraphsOf } from './summary';
import { findingsOf, isResolved, isWhole, roleOf, targetsOf } from './topic';
import type { Entry, Topic } from './topic';

/** The content of a mail. */
export interface MailContent {
  /** At least one, sorted by urgency. */
  readonly topics: readonly Topic[];
  /** Other issuers whose logins fail, which an earlier message has reported. */
  readonly alsoFailing: readonly string[];
  /** What a reader must know besides, for example that there is no state. */
  readonly remarks: readonly string[];
  /** Failures that belong to no target. */
  readonly failures: readonly Failure[];
  /** Which checks did not run, and why: one sentence for each reason. */
  readonly skipped: readonly string[];
  /** All targets of the run failed. */
  readonly isBlind: boolean;
  readonly account: Account;
  /** Where the documentation is; null: the mail names checks and codes without a link. */
  readonly docsUrl: string | null;
}

/** The limits of a mail: topics that are explained, names in its lists, characters besides the lists. */
export interface MailRoom {
  /** Without evidence and roles, and with one example of what to do about similar targets. */
  readonly isBrief: boolean;
  readonly most: number;
  readonly names: number;
  readonly characters: number;
  /** How many corrected trust policies it shows; of the others it names the command that does. */
  readonly policies: number;
}

/** A mail, and the findings that it does not name. */
export interface Mail {
  readonly text: string;
  readonly omitted: readonly Entry[];
}

/** Plain text, prose in lines of at most 78 columns, commands unbroken. Returns what it omits. */
export function composeMail(
  content: MailContent,
  { isBrief, most, names, characters, policies: room }: MailRoom,
): Mail {
  const { topics, remarks, failures } = content;
  const explained = topics.slice(0, most);
  const head = headOf(topics, content);
  const others = [...failures.map(({ message }) => wrap(message)), ...remarks.map((words) => wrap(words))];
  const actionsWith = (policies: number): readonly string[] =>
    section('WHAT TO DO', actionsOf(explained, failures, { isBrief, policies }));
  const actions = actionsWith(room);
  const groups = evidenceOf(explained);
  const proof = [
    ...section(
      'SKIPPED',
      content.skipped.map((words) => wrap(words)),
    ),
    ...(isBrief && groups.length > 0 ? [WITHOUT_EVIDENCE] : section('EVIDENCE', groups)),
    ...referencesTo(explained, failures, content.docsUrl),
  ];
  const explainWith = (named: Listing['named']): readonly string[] => [
    ...head,
    ...explained.flatMap((topic, index) =>
      explain(topic, labelIn(explained, index), { names: named[index] ?? [], isBrief }),
    ),
    ...others,
  ];
  const bareWith = (what: readonly string[]): string =>
    escapeLines([...explainWith([]), ...what, ...proof].join('\n\n'));
  // A text that is cut need not name what it explains, and half of a policy is of no use.
  const isCut = bareWith(actions).length > characters;
  const listing = listNames(topics, isCut ? 0 : explained.length, names);
  const list = [
    ...section('ALSO FOUND', [
      ...listEntries(listing.others),
      ...(isBrief && listing.others.length > 0 ? [OTHER_ACTIONS] : []),
    ]),
    ...(listing.omitted.length === 0 ? [] : [omittedLine(listing.omitted.length)]),
  ];
  if (isCut) {
    const text = briefText(bareWith(actionsWith(0)), characters);
    return { text: withList(text, list), omitted: listing.omitted };
  }
  const whole = [
    ...explainWith(listing.named),
    ...list,
    ...actions,
    ...(isBrief ? [] : section('ROLES', rolesOfDrift(explained))),
    ...section('COMPLETE LIST', longLists(explained, listing.named)),
    ...proof,
  ];
  return { text: `${escapeLines(whole.join('\n\n'))}\n`, omitted: listing.omitted };
}

/** At most two lines, so that the third line of a mail says whether logins fail. */
const MAX_HEADLINE = 99;

/** What happened and where, what it means for logins, and the roles: the first lines of every mail. */
function headOf(topics: readonly Topic[], { isBlind, account, alsoFailing }: MailContent): readonly string[] {
  const [worst, ...rest] = topics;
  if (worst === undefined) return [];
  const limits = { max: MAX_HEADLINE, severity: null, ascii: false };
  const effect = isBlind ? 'unknown' : effectOfAll(topics);
  const roles = rolesLine(worst, effect);
  return [
    [
      inTwoLines(headlineOf([worst, ...rest], isBlind, account, limits)),
      STATEMENTS[effect],
      ...(roles === null ? [] : [roles]),
      ...(alsoFailing.length === 0
        ? []
        : [wrap(`Logins still fail at other issuers: ${firstAndMore(alsoFailing, MAX_FAILING)}.`)]),
    ].join('\n'),
  ];
}

const MAX_FAILING = 3;

/** The account is in a line of its own if one line is too short. */
function inTwoLines(headline: string): string {
  const at = headline.lastIndexOf(' (account ');
  return headline.length <= MAIL_COLUMNS || at === -1
    ? headline
    : `${headline.slice(0, at)}\n${headline.slice(at + 1)}`;
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
  const label = topic.entries.some((entry) => roleOf(entry) !== null)
    ? 'Roles'
    : effect === 'fail'
      ? 'Affected roles'
      : 'Roles that use it';
  // More have no room in one line, however short they are.
  for (let shown = Math.min(names.length, MAIL_COLUMNS / 3); shown > 0; shown -= 1) {
    const rest = names.length - shown;
    const line = `${label}: ${names.slice(0, shown).join(', ')}${rest === 0 ? '' : ` and ${rest} more`}`;
    if (line.length <= MAIL_COLUMNS) return line;
  }
  return names.length === 0 ? null : `${label}: ${names.length}`;
}

/** The number and the outcome of a topic among others; null: it is the only one. */
const labelIn = (topics: readonly Topic[], index: number): string | null => {
  const topic = topics[index];
  return topic === undefined || topics.length === 1 ? null : `${index + 1}. ${labelOf(topic)}`;
};

/** Longer lists follow what to do. */
const MAX_INLINE = 10;
const FIRST_NAMES = 5;

/** The paragraphs of a topic, and the names of its list. */
function explain(
  topic: Topic,
  label: string | null,
  { names, isBrief }: { readonly names: readonly string[] } & Pick<MailRoom, 'isBrief'>,
): readonly string[] {
  const paragraphs = paragraphsOf(topic);
  const began = beginningOf(topic);
  const last = [...paragraphs.slice(-1), ...(began === null ? [] : [began])].join(' ');
  const [first = '', ...rest] = [...paragraphs.slice(0, -1), last].map((words) => wrap(words));
  const shown = names.length > MAX_INLINE ? names.slice(0, isBrief ? 0 : FIRST_NAMES) : names;
  const list = [
    ...shown.map((name) => `  ${name}`),
    ...(shown.length < names.length
      ? [
          `  ${isBrief ? count(names.length, 'name') : `and ${names.length - shown.length} more`}: see COMPLETE LIST`,
        ]
      : []),
  ];
  return [
    label === null ? first : `${wrap(label)}\n${STATEMENTS[effectOf(topic)]}\n${first}`,
    ...rest,
    ...(list.length === 0 ? [] : [list.join('\n')]),
  ];
}

/** The lists that are too long to stand before what to do. */
const longLists = (topics: readonly Topic[], named: Listing['named']): readonly string[] =>
  topics.flatMap((topic, index) => {
    const names = named[index] ?? [];
    return names.length <= MAX_INLINE
      ? []
      : [[wrap(labelIn(topics, index) ?? labelOf(topic)), ...names.map((name) => `  ${name}`)].join('\n')];
  });

const MAX_ROLES = 20;

/** An outdated list concerns every role that trusts its provider. */
function rolesOfDrift(topics: readonly Topic[]): readonly string[] {
  return topics.flatMap((topic, index) => {
    const roles = rolesIn(topic);
    if (!topic.eventType.startsWith('drift.') || isResolved(topic) || roles.length === 0) return [];
    const label = labelIn(topics, index);
    const rest = roles.length - MAX_ROLES;
    return [
      [
        ...(label === null ? [] : [wrap(label)]),
        ...roles.slice(0, MAX_ROLES).map((arn) => `  ${escapeForeign(arn)}`),
        ...(rest > 0 ? [`  and ${rest} more`] : []),
      ].join('\n'),
    ];
  });
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

/** The next run alerts what is not named, since it does not count as notified. */
const omittedLine = (amount: number): string =>
  wrap(
    `Left out because the message is too long: ${count(amount, 'more finding')}. The next run sends them. ${SEE_ALL}`,
  );

const SEE_ALL = 'To see all findings now: thumbprint-monitor audit --output json';

interface ActionOptions extends Pick<MailRoom, 'isBrief'> {
  /** How many corrected trust policies there is room for. */
  readonly policies: number;
}

function actionsOf(
  topics: readonly Topic[],
  failures: readonly Failure[],
  { isBrief, policies }: ActionOptions,
): readonly string[] {
  const limited = fewPolicies(policies);
  const stepsIn = isBrief ? briefSteps : stepsOf;
  const steps = topics.flatMap((topic, index) => {
    const [first, ...rest] = isResolved(topic) ? [] : stepsIn(topic, limited);
    if (first === undefined) return [];
    const label = labelIn(topics, index);
    return [label === null ? first : `${wrap(label)}\n${first}`, ...rest];
  });
  const codes = [...new Set(failures.map(({ code }) => code))];
  const all = [
    ...steps,
    ...(codes.length === 0 ? [] : [wrap(`Look up ${codes.join(', ')} in the runbook.`)]),
  ];
  return all.length > 0 ? all : ['Nothing.'];
}

const remediesOf = ({ notification, finding }: Entry): readonly string[] =>
  (finding === null ? notification.findings : [finding]).map(({ remedy }) => remedy);

/** Changes a remedy so that a mail has few corrected policies. */
type Limited = (remedy: string) => string;

function stepsOf(topic: Topic, limited: Limited): readonly string[] {
  const remedies = topic.entries.map((entry) => remediesOf(entry).map(limited));
  return [...groupRemedies(remedies), ...(isDrift(topic) ? terraformParts(targetsOf(topic)) : [])];
}

/** One example of what to do, if it is not urgent or the same for all. */
function briefSteps(topic: Topic, limited: Limited): readonly string[] {
  const [first, ...others] = topic.entries;
  const isSimilar = isDrift(topic) ? effectOf(topic) === 'none' : isWhole(topic) || isMinor(topic);
  const isSame = new Set(topic.entries.map((entry) => remediesOf(entry).join('\n'))).size === 1;
  if (others.length === 0 || !isSimilar || isSame) return stepsOf(topic, limited);
  const hasCommand = remediesOf(first)
    .flatMap(remedySteps)
    .some(({ command }) => command !== null);
  const rest = hasCommand
    ? `To see all ${topic.entries.length} commands: thumbprint-monitor audit --output markdown`
    : `Do the same for the other ${others.length}.`;
  return [...groupRemedies([remediesOf(first).map(limited)]), wrap(rest)];
}

const isDrift = ({ eventType }: Topic): boolean => eventType.startsWith('drift.');
const isMinor = ({ severity }: Topic): boolean => severity === 'low' || severity === 'info';
const OTHER_ACTIONS = 'To see what to do about these: thumbprint-monitor audit --output markdown';
const WITHOUT_EVIDENCE = 'To see the evidence: thumbprint-monitor audit --output json';

/** The list may be managed in code: then the next apply would revert a command. */
function terraformParts(targets: readonly TargetReport[]): readonly string[] {
  const lists = targets.map(({ listed, proposed, expected }) => terraformList(listed, proposed ?? expected));
  const [list = null, ...others] = new Set(lists);
  if (others.length > 0)
    return [wrap('Or, if Terraform manages the lists: thumbprint-monitor audit --output terraform')];
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
    const findings = findingsOf({ entries: own });
    const isShown =
      findings.some(({ finding }) => finding !== null && restsOnChains(finding)) ||
      own.some((one) => isWhole(one.notification));
    if (notification.target === null || !isShown) return [];
    // What is resolved is no finding any more.
    const open = findings.flatMap((one) => (isResolved(one.notification) ? [] : (one.finding ?? [])));
    return [afterUpdate({ ...notification.target, findings: open })];
  });
  return groupByCause(targets).map((group) => evidence(group));
}

/** The target was read before the update: the evidence shows the list after it. */
function afterUpdate(target: TargetReport): TargetReport {
  const change = target.findings.map((one) => one.change).find((one) => one?.kind === 'list-updated');
  if (change?.kind !== 'list-updated') return target;
  const listed = change.list;
  const isComplete = target.expected.every((each) => listed.includes(each));
  return { ...target, listed, status: isComplete ? 'in-sync' : target.status, findings: [] };
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

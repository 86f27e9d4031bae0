/** What happened, in a few words: the subject of a mail, its first line, and the title of a chat message. */
import { effectOfFinding, effectOfTarget, worstEffect } from '../../checks/login-effect';
import { checkOf } from '../../domain/checks';
import type { LoginEffect } from '../../domain/logins';
import { hostName } from '../../domain/host';
import { speaksUp } from '../../domain/notification';
import { circleCiOrgOf, hostOf, issuerOfProviderArn } from '../../oidc/issuer';
import { escapeForeign } from '../../text/escape';
import { count } from '../../text/layout';
import { shorten } from '../../text/quote';
import { isResolved, roleOf } from './topic';
import type { Entry, Topic } from './topic';

/** The account of a message. */
export interface Account {
  /** 12 digits; null: not known. */
  readonly id: string | null;
  /** The configured name or the alias; null: there is none. */
  readonly name: string | null;
}

/** What a topic means for logins. What is resolved: what else is found at its target. */
export function effectOf(topic: Topic): LoginEffect {
  return worstEffect(topic.entries.map((entry) => effectOfEntry(topic, entry)));
}

function effectOfEntry({ eventType }: Topic, { notification, finding }: Entry): LoginEffect {
  const { target, findings } = notification;
  switch (eventType) {
    case 'drift.resolved':
    case 'finding.resolved':
    case 'unknown.resolved':
      return target === null ? 'none' : effectOfTarget(target);
    case 'unknown.firing':
    case 'unknown.reminder':
      return 'unknown';
    case 'updated':
      // Complete now, if IAM shows it.
      return findings.every(({ change }) => change?.kind !== 'list-updated' || change.isVisible)
        ? 'none'
        : 'unknown';
    case 'update.refused':
      return target === null ? 'unknown' : effectOfTarget(target);
    case 'drift.firing':
    case 'drift.reminder':
    case 'finding.firing':
    case 'finding.reminder':
    case 'keys.changed':
    case 'test':
      return worstEffect(
        (finding === null ? findings : [finding]).map((one) => effectOfFinding(one, target)),
      );
  }
}

/** What all topics together mean. What causes no message by itself counts only if there is nothing else. */
export function effectOfAll(topics: readonly Topic[]): LoginEffect {
  const loud = topics.filter(speaksUp);
  return worstEffect((loud.length > 0 ? loud : topics).map(effectOf));
}

/** An outcome around the name of a host or a role, which may be shortened. */
interface Outcome {
  readonly before: string;
  /** Empty: there is none. */
  readonly name: string;
  readonly after: string;
  /** If it is about several names; absent: the same words. */
  readonly many?: { readonly before: string; readonly after: string };
}

function outcomeOf(topic: Topic): Outcome {
  const [entry] = topic.entries;
  const name = nameOf(entry);
  const about = (what: string): Outcome => ({
    before: name === '' ? what : `${what}: `,
    name,
    after: '',
  });
  const { eventType } = topic;
  const ongoing = eventType.endsWith('.reminder') ? 'Ongoing: ' : '';
  // That logins fail is the smaller problem of a host that somebody else can take over.
  const isTakeover = entry.finding?.check === 'DISC005';
  if (!isResolved(topic) && !isTakeover && effectOf(topic) === 'fail')
    return about(`${ongoing}AWS logins fail`);
  switch (eventType) {
    case 'drift.resolved':
      return about(
        entry.notification.target?.status === 'provider-missing'
          ? 'Resolved: outdated thumbprints (provider deleted)'
          : 'Resolved: outdated thumbprints',
      );
    case 'unknown.resolved':
      return about('Resolved: failed check');
    case 'finding.resolved':
      return about(`Resolved: ${problemOf(entry)}`);
    case 'drift.firing':
    case 'drift.reminder':
      return about(
        `${ongoing}Outdated thumbprints${effectOf(topic) === 'none' ? ', no login affected' : ''}`,
      );
    case 'unknown.firing':
    case 'unknown.reminder':
      return about(`${ongoing}${name === '' ? 'Account not completely checked' : 'Not checked'}`);
    case 'updated':
      return about('Thumbprints added');
    case 'update.refused':
      return about('Thumbprints not added');
    case 'keys.changed':
      return about('Signing keys changed');
    case 'test':
      return about('Test message: alerts arrive');
    case 'finding.firing':
    case 'finding.reminder':
      return outcomeOfFinding(topic, entry, ongoing) ?? about(`${ongoing}${atBeginning(problemOf(entry))}`);
  }
}

/** Roles whose trust is too wide: who can assume them is the outcome. */
function outcomeOfFinding(topic: Topic, entry: Entry, ongoing: string): Outcome | null {
  const role = roleOf(entry);
  const check = entry.finding?.check;
  if (role === null || (check !== 'TRUST001' && check !== 'TRUST002') || topic.severity === 'medium')
    return null;
  const issuer = entry.notification.target?.issuer;
  const kind = issuer !== undefined && circleCiOrgOf(issuer) !== null ? 'CircleCI ' : '';
  const who =
    check === 'TRUST002'
      ? 'other projects'
      : topic.severity === 'critical'
        ? `any ${kind}customer`
        : `any ${kind}project`;
  return {
    before: `${ongoing}Role `,
    name: roleName(role),
    after: ` is open to ${who}`,
    many: { before: `${ongoing}Roles `, after: ` are open to ${who}` },
  };
}

function problemOf({ finding }: Entry): string {
  if (finding === null) return 'finding';
  // Not a change of their number: there is none.
  if (finding.check === 'OPS001' && finding.change === undefined) return 'nobody receives alerts';
  return checkOf(finding.check).problem;
}

/** A clause, as a sentence begins. */
export const atBeginning = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** The role, the host of the provider, or nothing: it belongs to the account. */
function nameOf(entry: Entry): string {
  const role = roleOf(entry);
  if (role !== null) return roleName(role);
  const issuer = issuerOf(entry);
  return issuer === null ? '' : hostName(hostOf(issuer));
}

function issuerOf({ notification: { target }, finding }: Entry): string | null {
  return target?.issuer ?? issuerOfProviderArn(finding?.subject ?? '');
}

/** A role's name is what follows the path in its ARN. */
export const roleName = (arn: string): string => arn.replace(/^.*\//s, '');

/** What an entry counts as: its role, its provider, or the account. */
const thingOf = (entry: Entry): string => roleOf(entry) ?? issuerOf(entry) ?? 'account';

/** How a headline is limited. */
interface HeadlineLimits {
  readonly max: number;
  /** Begins with the severity, unless everything is resolved. */
  readonly severity: string | null;
  /** SNS accepts printable ASCII only. */
  readonly ascii: boolean;
}

/**
 * The most severe topic by name, how many other providers and roles there are, and the account. A name that
 * is too long is cut in its middle; the number of the account is never cut.
 */
export function headlineOf(
  topics: readonly [Topic, ...Topic[]],
  isBlind: boolean,
  account: Account,
  { max, severity, ascii }: HeadlineLimits,
): string {
  const [worst] = topics;
  const shown = (text: string): string =>
    ascii ? text.replaceAll(/[^\x20-\x7e]/g, '?') : escapeForeign(text);
  const { before, name, ends } = isBlind ? blindPhrase(worst) : phraseOf(topics);
  const start = `${severity === null || isResolved(worst) ? '' : `[${severity}] `}${before}`;
  const labels = accountLabels(account, ascii);
  for (const where of labels) {
    for (const end of ends.map(shown)) {
      const space = max - start.length - end.length - where.length;
      if (space >= Math.min(name.length, LEAST_NAME))
        return `${start}${shorten(shown(name), space)}${end}${where}`;
    }
  }
  const where = labels.at(-1) ?? '';
  return `${`${start}${shown(name)}${ends.at(-1) ?? ''}`.slice(0, max - where.length)}${where}`;
}

/** An outcome with the number of others. `ends`: what follows the name, the shorter one last. */
interface Phrase {
  readonly before: string;
  readonly name: string;
  readonly ends: readonly string[];
}

const blindPhrase = ({ eventType }: Topic): Phrase => ({
  before: `${eventType.endsWith('.reminder') ? 'Ongoing: ' : ''}Nothing could be checked`,
  name: '',
  ends: [''],
});

/** The outcome of one topic, for a message with several. */
export function labelOf(topic: Topic): string {
  const { before, name, ends } = phraseOf([topic]);
  const severity = isResolved(topic) ? '' : `[${topic.severity}] `;
  return `${severity}${before}${escapeForeign(name)}${ends[0] ?? ''}`;
}

/** The outcome of the first topic, and how many other providers and roles there are. */
function phraseOf(topics: readonly [Topic, ...Topic[]]): Phrase {
  const [worst] = topics;
  const counted = topics.filter(countsIn(topics));
  const things = new Set(counted.flatMap(({ entries }) => entries.map(thingOf)));
  things.delete(thingOf(worst.entries[0]));
  const { before, name, after, many } = outcomeOf(worst);
  if (things.size === 0) return { before, name, ends: [after] };
  const isSame = counted.every((topic) => {
    const other = outcomeOf(topic);
    return other.before === before && other.after === after;
  });
  const more = ` and ${things.size} more`;
  if (!isSame)
    return { before, name, ends: [`${after} and ${count(things.size, 'more finding')}`, `${after}${more}`] };
  return many === undefined
    ? { before, name, ends: [`${after}${more}`] }
    : { before: many.before, name, ends: [`${more}${many.after}`] };
}

/** A name that is cut to fewer characters tells nothing. */
const LEAST_NAME = 12;

/** What causes no message by itself counts only if there is nothing else. */
const countsIn = (topics: readonly Topic[]): ((topic: Topic) => boolean) =>
  topics.some(speaksUp) ? speaksUp : () => true;

/** With and without the name of the account. */
function accountLabels({ id, name }: Account, ascii: boolean): readonly string[] {
  const number = ` (account ${id ?? 'unknown'})`;
  return name === null || (ascii && /[^\x20-\x7e]/.test(name))
    ? [number]
    : [` (account ${escapeForeign(name)} ${id ?? 'unknown'})`, number];
}

/** What only time shows of the account: providers that come and go, and whether anybody hears the alarm bell. */
import type { CheckId, Finding, Outcome } from '../domain';
import { count } from '../text/layout';
import { newAccountMemory } from './memory';
import type { AccountMemory, News } from './memory';
import { quote } from '../text/quote';
import { lookInCloudTrail } from '../../remedies/remedy';

/** What a run saw of the account. */
export interface SeenAccount {
  /** ARNs of every OIDC provider; null: they could not be listed. */
  readonly providers: readonly string[] | null;
  /** Confirmed subscriptions of the topic; null: not counted in this run. */
  readonly recipients: Outcome<number> | null;
}

/** The account's memory after a run, its tracks untouched. */
export interface RememberedAccount {
  readonly memory: AccountMemory;
  /** Without the news, which stand in the memory. */
  readonly findings: readonly Finding[];
  /** Checks that this run did not make. */
  readonly unseen: ReadonlySet<CheckId>;
}

const MOST_NEWS = 50;
const DAY_MS = 86_400_000;

/** Adds a run. The first run lists the providers and alarms nobody: there is nothing to compare with. */
export function rememberAccount(
  previous: AccountMemory | null,
  { providers, recipients }: SeenAccount,
  now: Date,
): RememberedAccount {
  const at = now.toISOString();
  const before = previous ?? newAccountMemory(at);
  const confirmed = recipients?.ok === true ? recipients.value : null;
  const changes = [
    ...(before.providers === null || providers === null ? [] : providerChanges(before.providers, providers)),
    ...fewer(before.recipients?.confirmed ?? 0, confirmed),
  ];
  return {
    memory: {
      ...before,
      lastRun: at,
      providers: providers ?? before.providers,
      recipients: confirmed === null ? before.recipients : { confirmed, checkedAt: at },
      news: [...before.news, ...changes.map((finding): News => ({ finding, at }))].slice(-MOST_NEWS),
    },
    findings: confirmed === 0 ? [NOBODY] : [],
    unseen: new Set(confirmed === null ? ['OPS001'] : []),
  };
}

/** The subscriptions are counted once a day, and at every run while nobody listens. */
export const isCountDue = (memory: AccountMemory | null, now: Date): boolean =>
  memory?.recipients == null ||
  memory.recipients.confirmed === 0 ||
  now.getTime() - Date.parse(memory.recipients.checkedAt) >= DAY_MS;

/** Whether somebody hears a message. Where the subscriptions could not be counted, somebody may. */
export const isHeard = ({ recipients }: Pick<AccountMemory, 'recipients'>): boolean =>
  recipients?.confirmed !== 0;

/** OPS001: nobody listens. */
export const NOBODY: Finding = {
  check: 'OPS001',
  severity: 'high',
  message:
    'The alert topic has no confirmed subscription, so nobody hears of anything. What is found is published all the same, and again at each run, until somebody listens.',
  remedy:
    'Open the mail "AWS Notification - Subscription Confirmation" and confirm it, or subscribe somebody to the topic.',
};

const fewer = (before: number, now: number | null): readonly Finding[] =>
  now === null || now === 0 || now >= before
    ? []
    : [
        {
          check: 'OPS001',
          severity: 'high',
          message: `The alert topic has ${count(now, 'confirmed subscription')}, ${before - now} fewer than before.`,
          remedy:
            'Find out who no longer hears the alerts. Mail scanners follow unsubscribe links: confirm with --authenticate-on-unsubscribe true.',
        },
      ];

function providerChanges(before: readonly string[], now: readonly string[]): readonly Finding[] {
  const appeared = now.filter((arn) => !before.includes(arn));
  const vanished = before.filter((arn) => !now.includes(arn));
  return [
    ...told(
      appeared,
      'high',
      (arn) => `A new OIDC provider is in the account: ${quote(arn)}. Roles that trust it accept its tokens.`,
      (amount) =>
        `${amount} new OIDC providers are in the account. Roles that trust them accept their tokens.`,
      `If nobody expects it, find out who made it. ${lookInCloudTrail('CreateOpenIDConnectProvider')}`,
    ),
    ...told(
      vanished,
      'medium',
      (arn) => `An OIDC provider is gone from the account: ${quote(arn)}. Jobs that log in by it fail.`,
      (amount) => `${amount} OIDC providers are gone from the account. Jobs that log in by them fail.`,
      `If nobody expects it, find out who deleted it. ${lookInCloudTrail('DeleteOpenIDConnectProvider')}`,
    ),
  ];
}

/** More at a time are one piece of news: an item holds 50, and none may be lost. */
const MOST_SINGLE = 10;
const MOST_NAMED = 3;

function told(
  arns: readonly string[],
  severity: Finding['severity'],
  one: (arn: string) => string,
  many: (amount: number) => string,
  remedy: string,
): readonly Finding[] {
  const finding = (message: string): Finding => ({ check: 'PROV006', severity, message, remedy });
  if (arns.length <= MOST_SINGLE) return arns.map((arn) => ({ ...finding(one(arn)), subject: arn }));
  const names = arns.slice(0, MOST_NAMED).map((arn) => quote(arn));
  return [finding(`${many(arns.length)} Among them: ${names.join(', ')}.`)];
}

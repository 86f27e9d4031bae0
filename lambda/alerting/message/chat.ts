/** The same notifications for a chat: one message per thread. */
import { createHash } from 'node:crypto';
import { escapeForeign } from '../../text/escape';
import type { ChatMessage } from '../../domain/message';
import { STATEMENTS } from '../../domain/logins';
import type { Notification } from '../../domain/notification';
import { abridge } from '../../text/quote';
import { severityOf } from '../../domain/severity';
import { hostOf } from '../../oidc/issuer';
import { remedySteps } from '../../remedies/steps';
import { effectOfAll, headlineOf } from './outcome';
import type { Account } from './outcome';
import { paragraphsOf } from './summary';
import { findingsOf, isResolved, topicsOf } from './topic';
import type { Topic } from './topic';
import { hostName } from '../../domain/host';
import { groupBy } from '../../domain/group';
import type { NonEmpty } from '../../domain/group';

/** Limits of the schema and of the chat clients: descriptions of at most 3,000 characters here. */
const MOST = { title: 250, description: 3_000, steps: 5, step: 350, resources: 20 } as const;

type Thread = NonEmpty<Notification>;

/** One message for each kind and host, the kinds in the order of the notifications. */
export function composeChat(
  notifications: readonly Notification[],
  account: Account,
): readonly ChatMessage[] {
  const threads = groupBy(notifications, (one) => JSON.stringify([account.id, kindIn(one), hostIn(one)]));
  return [...threads].flatMap(([key, thread]) => chatMessageOf(key, thread, account));
}

/** `drift` of `drift.firing`. */
const kindIn = ({ eventType }: Notification): string => eventType.split('.')[0] ?? eventType;
const hostIn = ({ target }: Notification): string =>
  target === null ? 'account' : hostName(hostOf(target.issuer));

function chatMessageOf(key: string, thread: Thread, account: Account): readonly ChatMessage[] {
  const [worst, ...others] = topicsOf(thread);
  if (worst === undefined) return [];
  const topics = [worst, ...others] as const;
  const open = topics.filter((topic) => !isResolved(topic));
  const severity = severityOf(thread);
  const limits = { max: MOST.title, severity: null, ascii: false };
  const headline = markdown(headlineOf(topics, false, account, limits));
  const paragraphs = [STATEMENTS[effectOfAll(topics)], ...new Set(topics.flatMap(paragraphsOf))].map(
    markdown,
  );
  const nextSteps = [...new Set(open.flatMap(stepsOf))].map((step) => cutMarkdown(markdown(step), MOST.step));
  const threadId = createHash('sha256').update(key).digest('hex').slice(0, 32);
  return [
    {
      version: '1.0',
      source: 'custom',
      id: createHash('sha256')
        .update(JSON.stringify([key, paragraphs, thread[0].since]))
        .digest('hex')
        .slice(0, 32),
      content: {
        textType: 'client-markdown',
        title: cutMarkdown(isResolved(worst) ? headline : `[${severityOf(open)}] ${headline}`, MOST.title),
        description: cutMarkdown(paragraphs.join('\n'), MOST.description),
        ...(nextSteps.length === 0 ? {} : { nextSteps: nextSteps.slice(0, MOST.steps) }),
      },
      metadata: {
        threadId,
        summary: cutMarkdown(headline, MOST.title),
        eventType: thread[0].eventType,
        relatedResources: thread
          .flatMap(({ target }) => target?.providerArn ?? target?.issuer ?? [])
          .map(abridge)
          .slice(0, MOST.resources),
        additionalContext: { severity, account: account.id ?? 'unknown' },
      },
    },
  ];
}

/** A chat message has no room for commands: the mail has them. */
const stepsOf = ({ entries }: Topic): readonly string[] =>
  findingsOf({ entries })
    .flatMap(({ finding }) => (finding === null ? [] : remedySteps(finding.remedy)))
    .filter(({ prose }) => prose !== '')
    .map(({ prose, command }) =>
      command === null ? prose : `${prose.replace(/[:.]$/, '')} (the mail has the command).`,
    );

/** Never inside an escape, nor inside a pair of surrogates. */
function cutMarkdown(text: string, most: number): string {
  if (text.length <= most) return text;
  let shown = '';
  for (const [piece] of text.matchAll(/&[a-z]+;|\\.|./gsu)) {
    if (shown.length + piece.length >= most) break;
    shown += piece;
  }
  return `${shown}…`;
}

/**
 * Slack and Teams read `<…>`, `[…]` and `&` as markup, and these marks as style: foreign names must not have
 * that effect.
 */
const markdown = (text: string): string =>
  escapeForeign(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\*_~`[\]]/g, '\\$&');

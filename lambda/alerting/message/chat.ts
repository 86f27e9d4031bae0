/** The same notifications for a chat: one message per thread. */
import { createHash } from 'node:crypto';
import { escapeForeign } from '../../text/escape';
import type { ChatMessage } from '../../domain/message';
import type { Notification } from '../../domain/notification';
import { abridge } from '../../text/quote';
import { severityOf } from '../../domain/severity';
import { hostOf } from '../../oidc/issuer';
import { verdictOf } from './summary';
import { hostName } from '../../domain/host';
import { groupBy } from '../../domain/group';
import type { NonEmpty } from '../../domain/group';

/** Limits of the schema and of the chat clients: descriptions of at most 3,000 characters here. */
const MOST = { title: 250, description: 3_000, steps: 5, step: 350, resources: 20 } as const;

type Thread = NonEmpty<Notification>;

/** One message for each kind and host, the kinds in the order of the notifications. */
export function composeChat(
  notifications: readonly Notification[],
  account: string | null,
): readonly ChatMessage[] {
  const threads = groupBy(notifications, (one) => JSON.stringify([account, kindIn(one), hostIn(one)]));
  return [...threads].map(([key, thread]) => chatMessageOf(key, thread, account));
}

/** `drift` of `drift.firing`. */
const kindIn = ({ eventType }: Notification): string => eventType.split('.')[0] ?? eventType;
const hostIn = ({ target }: Notification): string =>
  target === null ? 'account' : hostName(hostOf(target.issuer));

function chatMessageOf(key: string, thread: Thread, account: string | null): ChatMessage {
  const [first] = thread;
  const threadId = createHash('sha256').update(key).digest('hex').slice(0, 32);
  const verdicts = [...new Set(byType(thread).flatMap(verdictOf))].map(markdown);
  const steps = thread.flatMap(({ findings, eventType }) =>
    eventType.endsWith('.resolved') ? [] : findings.map(({ remedy }) => remedy.split('\n')[0] ?? ''),
  );
  const nextSteps = [...new Set(steps)]
    .filter((step) => step !== '')
    .map((step) => cutMarkdown(markdown(step), MOST.step));
  const severity = severityOf(thread);
  return {
    version: '1.0',
    source: 'custom',
    id: createHash('sha256')
      .update(JSON.stringify([key, verdicts, first.since]))
      .digest('hex')
      .slice(0, 32),
    content: {
      textType: 'client-markdown',
      title: cutMarkdown(`[${severity}] ${markdown(`${kindIn(first)} at ${hostIn(first)}`)}`, MOST.title),
      description: cutMarkdown(verdicts.join('\n'), MOST.description),
      ...(nextSteps.length === 0 ? {} : { nextSteps: nextSteps.slice(0, MOST.steps) }),
    },
    metadata: {
      threadId,
      summary: cutMarkdown(verdicts[0] ?? '', MOST.title),
      eventType: first.eventType,
      relatedResources: thread
        .flatMap(({ target }) => target?.providerArn ?? target?.issuer ?? [])
        .map(abridge)
        .slice(0, MOST.resources),
      additionalContext: { severity, account: account ?? 'unknown' },
    },
  };
}

/** Notifications of one event type are combined. */
const byType = (thread: Thread): readonly Thread[] => [
  ...groupBy(thread, ({ eventType }) => eventType).values(),
];

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

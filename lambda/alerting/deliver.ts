/** Hands over what a run has to tell. Loaded only where there is something. */
import { composeAlert } from './message/message';
import { composeChat } from './message/chat';
import type { Finding, Report, TargetReport } from '../domain/types';
import { PublishError } from '../domain/errors';
import type { Notification } from '../domain/notification';
import type { Ports } from '../ports';
import type { Omitted } from './decision';

/** What goes out: updates are a message of their own. */
export interface Messages {
  readonly updates: readonly Notification[];
  readonly notifications: readonly Notification[];
}

/** What is told beside the decision. */
export interface DeliveryContext {
  readonly report: Omit<Report, 'text'>;
  readonly remarks: readonly string[];
}

/** What became of the messages. `failure`: of the chat alone. */
export interface Delivered {
  readonly omitted: Omitted;
  readonly failure: PublishError | null;
}

/**
 * Publishes the messages. Throws PublishError where the topic takes none; an error of the chat alone is given back, so
 * that what was told can be remembered first.
 */
export async function deliver(
  { updates, notifications }: Messages,
  context: DeliveryContext,
  ports: Pick<Ports, 'publish' | 'publishChat'>,
): Promise<Delivered> {
  // An update is a message of its own, and the first: it changed who may sign in.
  const omitted = new Set<Finding | TargetReport>();
  for (const group of [updates, notifications]) {
    const message = composeAlert(group, context);
    if (message === null) continue;
    await ports.publish(message);
    for (const each of message.omitted) omitted.add(each);
  }
  return { omitted, failure: await deliverToChat([...updates, ...notifications], context, ports) };
}

async function deliverToChat(
  notifications: readonly Notification[],
  { report }: DeliveryContext,
  { publishChat }: Pick<Ports, 'publishChat'>,
): Promise<PublishError | null> {
  if (publishChat === null) return null;
  try {
    for (const message of composeChat(notifications, report.account)) await publishChat(message);
    return null;
  } catch (error) {
    if (error instanceof PublishError) return error;
    throw error;
  }
}

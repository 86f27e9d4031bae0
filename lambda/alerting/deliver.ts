/** Publishes the messages of a run. Loaded only if there are any. */
import { composeAlert } from './message/message';
import type { AlertContext } from './message/message';
import { composeChat } from './message/chat';
import type { Finding, TargetReport } from '../domain/types';
import type { Account } from './message/outcome';
import { PublishError } from '../domain/errors';
import type { Notification } from '../domain/notification';
import type { Ports } from '../ports';
import type { Omitted } from './decision';

/** What is published: updates are a message of their own. */
export interface Messages {
  readonly updates: readonly Notification[];
  readonly notifications: readonly Notification[];
}

/** The context of the messages, in addition to the decision. */
export type DeliveryContext = AlertContext;

/** The result of the delivery. `failure`: of the chat alone. */
export interface Delivered {
  readonly omitted: Omitted;
  readonly failure: PublishError | null;
}

/**
 * Publishes the messages. Throws PublishError if the topic accepts none; an error of the chat alone is
 * returned, so that the notifications can be saved first.
 */
export async function deliver(
  { updates, notifications }: Messages,
  context: DeliveryContext,
  ports: Pick<Ports, 'publish' | 'publishChat'>,
): Promise<Delivered> {
  // An update is a message of its own, and the first: it changed who can log in.
  const omitted = new Set<Finding | TargetReport>();
  for (const group of [updates, notifications]) {
    const message = composeAlert(group, context);
    if (message === null) continue;
    await ports.publish(message);
    for (const each of message.omitted) omitted.add(each);
  }
  return {
    omitted,
    failure: await deliverToChat(
      [...updates, ...notifications],
      { id: context.report.account, name: context.accountName },
      ports,
    ),
  };
}

async function deliverToChat(
  notifications: readonly Notification[],
  account: Account,
  { publishChat }: Pick<Ports, 'publishChat'>,
): Promise<PublishError | null> {
  if (publishChat === null) return null;
  try {
    for (const message of composeChat(notifications, account)) await publishChat(message);
    return null;
  } catch (error) {
    if (error instanceof PublishError) return error;
    throw error;
  }
}

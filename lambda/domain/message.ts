/** Messages in the form in which they are published. */
import type { Finding, TargetReport } from './types';

/**
 * A message as SNS accepts it. `subject`: at most 99 printable ASCII characters. `machine`: one line of JSON.
 */
export interface AlertMessage {
  readonly subject: string;
  readonly email: string;
  readonly machine: string;
  /** Lists become attributes of type String.Array. */
  readonly attributes: Readonly<Record<string, string | readonly string[]>>;
  /** What the mail does not name, so that it does not count as notified. A target: it has no finding. */
  readonly omitted: readonly (Finding | TargetReport)[];
}

/**
 * A custom notification of Amazon Q Developer in chat applications:
 * https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
 */
export interface ChatMessage {
  readonly version: '1.0';
  readonly source: 'custom';
  readonly id: string;
  readonly content: {
    readonly textType: 'client-markdown';
    readonly title: string;
    readonly description: string;
    readonly nextSteps?: readonly string[];
  };
  readonly metadata: {
    /** Firing, reminder and resolved of one kind at one host share a thread. */
    readonly threadId: string;
    readonly summary: string;
    readonly eventType: string;
    readonly relatedResources: readonly string[];
    readonly additionalContext: Readonly<Record<string, string>>;
  };
}

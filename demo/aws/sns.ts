/** SNS topics and subscriptions: https://docs.aws.amazon.com/sns/latest/api/ */
import { AwsFault } from './fault';
import { entriesOf } from './form';
import type { Parameters } from './form';
import { ACCOUNT } from './store';
import type { Action, Published, State, Subscription } from './store';

/** `PageSize` of ListSubscriptionsByTopic. */
const PAGE = 100;

/** Of a message: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const MAX_BYTES = 262_144;

/** Fewer than 100 printable ASCII characters, of which the first is no blank. */
const SUBJECT = /^[\x21-\x7e][\x20-\x7e]{0,98}$/;

/** Making a topic that is there returns the one that is there. */
export const createTopic: Action = (state, parameters, { region }) => {
  const arn = `arn:aws:sns:${region}:${ACCOUNT}:${parameters['Name'] ?? ''}`;
  return { state: withTopic(state, arn, state.topics.get(arn) ?? []), result: { TopicArn: arn } };
};

/** Subscribing what is subscribed returns the same subscription. */
export const subscribe: Action = (state, parameters, { newId }) => {
  const { arn, subscriptions } = requireTopic(state, parameters);
  const { Protocol: protocol = '', Endpoint: endpoint = '' } = parameters;
  const known = subscriptions.find((each) => each.protocol === protocol && each.endpoint === endpoint);
  const confirmed = !/^(https?|email)/.test(protocol);
  const subscription = known ?? { arn: `${arn}:${newId()}`, protocol, endpoint, confirmed };
  const next = known === undefined ? withTopic(state, arn, [...subscriptions, subscription]) : state;
  const told = subscription.confirmed ? subscription.arn : 'pending confirmation';
  return { state: next, result: { SubscriptionArn: told } };
};

/** The recipient opens the mail and follows its link. Other subscriptions stay as they are. */
export function confirm(state: State, topicArn: string, endpoint: string): State {
  const subscriptions = state.topics.get(topicArn) ?? [];
  return withTopic(
    state,
    topicArn,
    subscriptions.map((each) => (each.endpoint === endpoint ? { ...each, confirmed: true } : each)),
  );
}

/** Pages of 100. The ARN of a subscription that nobody confirmed reads `PendingConfirmation`. */
export const listSubscriptions: Action = (state, parameters) => {
  const { arn, subscriptions } = requireTopic(state, parameters);
  const token = parameters['NextToken'] ?? '0';
  const start = Number(token);
  const end = start + PAGE;
  const page = subscriptions.slice(start, end).map((each) => ({
    SubscriptionArn: each.confirmed ? each.arn : 'PendingConfirmation',
    Owner: ACCOUNT,
    Protocol: each.protocol,
    Endpoint: each.endpoint,
    TopicArn: arn,
  }));
  return {
    state,
    result: { Subscriptions: page, NextToken: end < subscriptions.length ? String(end) : undefined },
  };
};

/** Stores what was accepted; nothing is delivered. */
export const publish: Action = (state, parameters, { newId }) => {
  const { arn } = requireTopic(state, parameters);
  const published = { topicArn: arn, ...requireMessage(parameters) };
  return { state: { ...state, published: [...state.published, published] }, result: { MessageId: newId() } };
};

/** The message to publish. Throws InvalidParameter. */
function requireMessage(parameters: Parameters): Omit<Published, 'topicArn'> {
  const { Subject: subject, MessageStructure: messageStructure, Message: message = '' } = parameters;
  if (subject !== undefined && !SUBJECT.test(subject)) throw invalid('Subject');
  if (Buffer.byteLength(message) > MAX_BYTES) throw invalid('Message too long');
  const attributes = entriesOf(parameters, 'MessageAttributes').map((entry) => {
    const { Name: name = '', 'Value.DataType': dataType = '', 'Value.StringValue': value = '' } = entry;
    return [name, { dataType, value }] as const;
  });
  return { subject, messageStructure, message, attributes: Object.fromEntries(attributes) };
}

const invalid = (what: string): AwsFault =>
  new AwsFault('InvalidParameter', 400, `Invalid parameter: ${what}`);

const withTopic = (state: State, arn: string, subscriptions: readonly Subscription[]): State => ({
  ...state,
  topics: new Map([...state.topics, [arn, subscriptions]]),
});

function requireTopic(
  state: State,
  parameters: Parameters,
): { arn: string; subscriptions: readonly Subscription[] } {
  const arn = parameters['TopicArn'] ?? '';
  const subscriptions = state.topics.get(arn);
  if (subscriptions === undefined) throw new AwsFault('NotFound', 404, 'Topic does not exist');
  return { arn, subscriptions };
}

/** Limits that SNS enforces on a message: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
import { AwsFault } from './fault';
import { entriesOf } from './form';
import type { Parameters } from './form';
import type { Published } from './store';

/** Message, attribute names, types and values together. */
const MAX_BYTES = 262_144;

/** Fewer than 100 printable ASCII characters, of which the first is no blank. */
const SUBJECT = /^[\x21-\x7e][\x20-\x7e]{0,98}$/;

/** The message to publish. Throws InvalidParameter, ParameterValueInvalid. */
export function requireMessage(parameters: Parameters): Omit<Published, 'topicArn'> {
  const { Subject: subject, MessageStructure: messageStructure, Message: message = '' } = parameters;
  if (message === '') throw invalid('Empty message');
  if (subject !== undefined && !SUBJECT.test(subject)) throw invalid('Subject');
  if (messageStructure === 'json' && !hasDefault(message)) {
    throw invalid('Message Structure - No default entry in JSON message body');
  }
  const attributes = requireAttributes(parameters);
  const inAttributes = Object.entries(attributes).flatMap(([name, { dataType, value }]) => [
    name,
    dataType,
    value,
  ]);
  if (Buffer.byteLength(message + inAttributes.join('')) > MAX_BYTES) throw invalid('Message too long');
  return { subject, messageStructure, message, attributes };
}

function hasDefault(message: string): boolean {
  try {
    const bodies: unknown = JSON.parse(message);
    return typeof bodies === 'object' && bodies !== null && 'default' in bodies && isText(bodies.default);
  } catch {
    return false;
  }
}

const isText = (value: unknown): boolean => typeof value === 'string';

function requireAttributes(parameters: Parameters): Published['attributes'] {
  const attributes = entriesOf(parameters, 'MessageAttributes').map((entry) => {
    const { Name: name = '', 'Value.DataType': dataType = '', 'Value.StringValue': value = '' } = entry;
    if (name === '' || dataType === '' || value === '') {
      const message = `The message attribute '${name}' must have a name, a type and a value.`;
      throw new AwsFault('ParameterValueInvalid', 400, message);
    }
    return [name, { dataType, value }] as const;
  });
  return Object.fromEntries(attributes);
}

const invalid = (what: string): AwsFault =>
  new AwsFault('InvalidParameter', 400, `Invalid parameter: ${what}`);

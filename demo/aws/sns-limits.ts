/** Limits that SNS enforces on a message: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
import { AwsFault } from './fault';
import { entriesOf } from './form';
import type { Parameters } from './form';
import type { Published } from './store';

/** Message, attribute names, types and values together. */
const MAX_BYTES = 262_144;

/** Fewer than 100 printable ASCII characters, of which the first is no blank. */
const SUBJECT = /^[\x21-\x7e][\x20-\x7e]{0,98}$/;

const ATTRIBUTE_TYPE = /^(String|String\.Array|Number|Binary)$/;

/** The message to publish. Throws InvalidParameter, ParameterValueInvalid. */
export function requireMessage(parameters: Parameters): Omit<Published, 'topicArn'> {
  const { Subject: subject, MessageStructure: messageStructure, Message: message = '' } = parameters;
  if (message === '') throw invalid('Empty message');
  if (subject !== undefined && !SUBJECT.test(subject)) throw invalid('Subject');
  if (messageStructure !== undefined) requireStructure(messageStructure, message);
  const attributes = requireAttributes(parameters);
  const inAttributes = Object.entries(attributes).flatMap(([name, { dataType, value }]) => [
    name,
    dataType,
    value,
  ]);
  if (Buffer.byteLength(message + inAttributes.join('')) > MAX_BYTES) throw invalid('Message too long');
  return { subject, messageStructure, message, attributes };
}

function requireStructure(structure: string, message: string): void {
  if (structure !== 'json') throw invalid('MessageStructure');
  const bodies = parseJson(message);
  if (typeof bodies !== 'object' || bodies === null || Array.isArray(bodies)) {
    throw invalid('Message Structure - JSON message body failed to parse');
  }
  if (!('default' in bodies) || typeof bodies.default !== 'string') {
    throw invalid('Message Structure - No default entry in JSON message body');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function requireAttributes(parameters: Parameters): Published['attributes'] {
  const attributes = entriesOf(parameters, 'MessageAttributes').map((entry) => {
    const name = entry['Name'] ?? '';
    const dataType = entry['Value.DataType'] ?? '';
    const value = entry['Value.StringValue'] ?? entry['Value.BinaryValue'] ?? '';
    if (!isAttributeName(name)) throw refused(`The message attribute name '${name}' is not valid.`);
    if (!ATTRIBUTE_TYPE.test(dataType)) {
      throw refused(`The message attribute '${name}' has an invalid message attribute type.`);
    }
    if (value === '')
      throw refused(`The message attribute '${name}' must contain a non-empty message attribute value.`);
    return [name, { dataType, value }] as const;
  });
  return Object.fromEntries(attributes);
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html */
const isAttributeName = (name: string): boolean =>
  /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/.test(name) && name.length <= 256 && !/^(aws|amazon)\./i.test(name);

const invalid = (what: string): AwsFault =>
  new AwsFault('InvalidParameter', 400, `Invalid parameter: ${what}`);

const refused = (message: string): AwsFault => new AwsFault('ParameterValueInvalid', 400, message);

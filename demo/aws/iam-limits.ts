/** Limits that IAM enforces, many of which emulators let through. */
import { AwsFault } from './fault';
import { listOf } from './form';
import type { Parameters } from './form';

/** Of https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html */
const LIMITS = { url: 255, thumbprints: 5, thumbprint: 40, clientIds: 100, clientId: 255 } as const;

/** A parameter that a call cannot do without. Throws ValidationError. */
export function requireValue(parameters: Parameters, name: string): string {
  const value = parameters[name];
  if (value === undefined) throw constraint(name, 'null', 'Member must not be null');
  if (value === '') throw constraint(name, "''", 'Member must have length greater than or equal to 1');
  return value;
}

/**
 * The `Url` to create, without `https://` and otherwise untouched. Throws ValidationError. A port is let through, as
 * issuers on one machine need one.
 */
export function requireProviderUrl(parameters: Parameters): string {
  const url = requireValue(parameters, 'Url');
  if (url.length > LIMITS.url) {
    throw constraint('Url', `'${url}'`, `Member must have length less than or equal to ${LIMITS.url}`);
  }
  if (!isIssuerUrl(url)) throw new AwsFault('ValidationError', 400, 'Invalid Open ID Connect Provider URL');
  return url.slice('https://'.length);
}

/** At most 5 entries of exactly 40 characters, hex or not: IAM looks at nothing else. Throws ValidationError, InvalidInput. */
export function requireThumbprints(parameters: Parameters): readonly string[] {
  const thumbprints = listOf(parameters, 'ThumbprintList');
  requireLengths('ThumbprintList', thumbprints, LIMITS.thumbprint, LIMITS.thumbprint);
  if (thumbprints.length > LIMITS.thumbprints) {
    throw new AwsFault('InvalidInput', 400, 'Thumbprint list must contain fewer than 5 entries.');
  }
  return thumbprints;
}

/** At most 100 audiences of 1 to 255 characters. Throws ValidationError, LimitExceeded. */
export function requireClientIds(parameters: Parameters): readonly string[] {
  const clientIds = listOf(parameters, 'ClientIDList');
  requireLengths('ClientIDList', clientIds, 1, LIMITS.clientId);
  if (clientIds.length > LIMITS.clientIds) {
    const quota = `ClientIdsPerOpenIdConnectProvider: ${LIMITS.clientIds}`;
    throw new AwsFault('LimitExceeded', 409, `Cannot exceed quota for ${quota}`);
  }
  return clientIds;
}

/** A policy must be JSON; its content is not parsed here. Throws ValidationError, MalformedPolicyDocument. */
export function requireDocument(parameters: Parameters, name: string): string {
  const document = requireValue(parameters, name);
  try {
    JSON.parse(document);
    return document;
  } catch {
    throw new AwsFault('MalformedPolicyDocument', 400, 'This policy contains invalid Json');
  }
}

function requireLengths(name: string, values: readonly string[], least: number, most: number): void {
  if (values.every(({ length }) => length >= least && length <= most)) return;
  const upper = `Member must have length less than or equal to ${most}`;
  const lower = `Member must have length greater than or equal to ${least}`;
  throw constraint(name, `'[${values.join(', ')}]'`, `Member must satisfy constraint: [${upper}, ${lower}]`);
}

/** A broken rule. AWS names the member as its service model does: with a small first letter. */
export const constraint = (name: string, value: string, reason: string): AwsFault =>
  new AwsFault(
    'ValidationError',
    400,
    `1 validation error detected: Value ${value} at '${name.charAt(0).toLowerCase()}${name.slice(1)}' failed to satisfy constraint: ${reason}`,
  );

function isIssuerUrl(text: string): boolean {
  if (!text.startsWith('https://') || !URL.canParse(text)) return false;
  const { username, password, search, hash } = new URL(text);
  return `${username}${password}${search}${hash}` === '';
}

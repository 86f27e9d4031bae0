/** What STS refuses about a request, before it parses the token. */
import { AwsFault } from '../fault';
import type { Parameters } from '../form';
import { constraint, requireValue } from '../iam-limits';

/** Of https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
const LIMITS = { token: 20_000, sessionName: [2, 64], seconds: [900, 43_200] } as const;

const DEFAULT_SECONDS = 3_600;

/** A request that is well formed. */
export interface LoginRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly token: string;
  readonly seconds: number;
}

/** Throws ValidationError. */
export function requireLogin(parameters: Parameters): LoginRequest {
  return {
    roleArn: requireValue(parameters, 'RoleArn'),
    sessionName: requireSessionName(parameters),
    token: requireToken(parameters),
    seconds: requireSeconds(parameters),
  };
}

function requireSessionName(parameters: Parameters): string {
  const name = requireValue(parameters, 'RoleSessionName');
  const [least, most] = LIMITS.sessionName;
  if (!/^[\w+=,.@-]*$/.test(name))
    throw violated('RoleSessionName', name, 'satisfy regular expression pattern: [\\w+=,.@-]*');
  if (name.length < least)
    throw violated('RoleSessionName', name, `have length greater than or equal to ${least}`);
  if (name.length > most)
    throw violated('RoleSessionName', name, `have length less than or equal to ${most}`);
  return name;
}

/** AWS does not repeat a token that it refuses, so that no log contains one. */
function requireToken(parameters: Parameters): string {
  const token = requireValue(parameters, 'WebIdentityToken');
  if (token.length > LIMITS.token) {
    throw violated('WebIdentityToken', '***', `have length less than or equal to ${LIMITS.token}`);
  }
  return token;
}

function requireSeconds({ DurationSeconds: text = String(DEFAULT_SECONDS) }: Parameters): number {
  const [least, most] = LIMITS.seconds;
  if (!/^\d{1,9}$/.test(text))
    throw new AwsFault('MalformedInput', 400, 'DurationSeconds is not an integer.');
  const seconds = Number(text);
  if (seconds < least)
    throw violated('DurationSeconds', text, `have value greater than or equal to ${least}`);
  if (seconds > most) throw violated('DurationSeconds', text, `have value less than or equal to ${most}`);
  return seconds;
}

const violated = (name: string, value: string, rule: string): AwsFault =>
  constraint(name, `'${value}'`, `Member must ${rule}`);

/** The invocation event: what to do, and for which of the permitted targets. */
import * as v from 'valibot';
import type { Action } from '../domain/types';
import { AccessError, EventError } from '../domain/errors';
import type { Failure, FailureCode } from '../domain/errors';
import { circleCiIssuer, circleCiOrgOf } from '../oidc/issuer';
import {
  EXAMPLE_ISSUER,
  EXAMPLE_ORG,
  issuerText,
  listSchema,
  objectOf,
  oneOf,
  orgText,
  problemsOf,
} from './schema';
import { firstAndMore } from '../text/list';
import { quote } from '../text/quote';
import { unknownKeys } from './unknown-keys';

/** A validated event. Null selections mean "everything the configuration permits". */
export interface MonitorEvent {
  readonly action: Action;
  /** Issuer URLs, CircleCI orgs included as their issuers; null: no narrowing. */
  readonly selection: readonly string[] | null;
}

const filled = (list: ReturnType<typeof listSchema>) =>
  v.optional(
    v.pipe(
      list,
      v.minLength(
        1,
        'is empty, so nothing would be checked. Name at least one, or remove the key to check all.',
      ),
    ),
  );

const entries = {
  action: v.optional(oneOf(['monitor', 'audit', 'test-alert']), 'audit'),
  issuers: filled(listSchema(issuerText, EXAMPLE_ISSUER)),
  orgs: filled(listSchema(orgText, EXAMPLE_ORG)),
};
const schema = objectOf(entries, 'an object such as {"action": "audit"}');

/**
 * Validates an invocation's event. An empty one (null, undefined, `{}`) means `audit`, which sends and writes
 * nothing; an unknown one is rejected. Throws EventError naming every problem, one a line.
 */
export function parseEvent(value: unknown): MonitorEvent {
  if (isEnvelope(value)) {
    throw new EventError(
      'event: is an EventBridge event (it has source or detail-type). Configure the constant input {"action":"monitor"} in the schedule or rule.',
    );
  }
  const parsed = v.safeParse(schema, value ?? {});
  const problems = [...unknownKeys(value, Object.keys(entries)), ...problemsOf(parsed.issues ?? [], 'event')];
  if (!parsed.success || problems.length > 0) throw new EventError(problems.join('\n'));
  const { action, issuers, orgs } = parsed.output;
  if (issuers === undefined && orgs === undefined) return { action, selection: null };
  return { action, selection: [...new Set([...(orgs ?? []).map(circleCiIssuer), ...(issuers ?? [])])] };
}

/** Whether an event, validated or not, requests the same as the schedule: its failure is a failed run. */
export const isScheduled = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'action' in value && value.action === 'monitor';

const isEnvelope = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && ('source' in value || 'detail-type' in value);

/**
 * The issuers that an event requests, in the order of those permitted: all of them if it does not narrow.
 * Throws EventError naming every org and issuer that is not permitted: an event may narrow, never widen.
 * `unlisted`: why the providers of an account are not known, null if they are. Then an issuer that is not
 * permitted may still be the issuer of one of them, so the error is an AccessError with this failure.
 */
export function narrow(
  { selection }: MonitorEvent,
  permittedIssuers: readonly string[],
  unlisted: Failure | null = null,
): readonly string[] {
  if (selection === null) return permittedIssuers;
  const outside = selection.filter((issuer) => !permittedIssuers.includes(issuer));
  if (outside.length > 0) {
    if (unlisted !== null) throw new AccessError(unknownProblem(outside, unlisted), { cause: unlisted });
    throw new EventError(outside.map(outsideProblem).join('\n'));
  }
  return permittedIssuers.filter((issuer) => selection.includes(issuer));
}

function outsideProblem(issuer: string): string {
  const org = circleCiOrgOf(issuer);
  const [key, name] = org !== null && issuer === circleCiIssuer(org) ? ['orgs', org] : ['issuers', issuer];
  return `${key}: ${quote(name)} is not in the configuration, and discover finds no such provider in the account. Remove it from the event, or add it to ${key} in the configuration and deploy.`;
}

/** Failures that end by themselves. The others need a correction first. */
const PASSING: ReadonlySet<FailureCode> = new Set(['AWS_THROTTLED', 'AWS_UNAVAILABLE', 'DEADLINE_EXCEEDED']);

const MAX_NAMED = 5;

function unknownProblem(issuers: readonly string[], { code, message }: Failure): string {
  const named = firstAndMore(issuers, MAX_NAMED, { show: quote });
  const remedy = PASSING.has(code) ? 'Try again in a few minutes.' : 'Correct this, then try again.';
  return `${message} The providers of the account could not be listed, so it is not known whether the account has a provider for ${named}. ${remedy}`;
}

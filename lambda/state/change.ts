/**
 * Changes that are alerted once, in the form in which items contain them. Only facts are stored: identifiers,
 * numbers and times. The text is generated from them when a message is written, so write access to the state
 * table is not enough to put a sentence into a message.
 */
import * as v from 'valibot';
import type { Change } from '../domain/change';
import { compareSeverity } from '../domain/severity';
import type { Severity } from '../domain/types';
import {
  AUDIENCE,
  KEY_THUMBPRINT,
  KEY_TYPE,
  KID,
  MAX_NAMES,
  PROVIDER_ARN,
  THUMBPRINT,
  instant,
  namesOf,
  natural,
} from './identifiers';
import type { CheckId } from '../domain/checks';

const key = v.object({
  thumbprint: v.pipe(v.string(), v.regex(KEY_THUMBPRINT)),
  /** Null: it has none, or none that may be shown. */
  kid: v.nullable(v.pipe(v.string(), v.regex(KID))),
  kty: v.nullable(v.pipe(v.string(), v.regex(KEY_TYPE))),
});
const keys = v.object({ names: v.pipe(v.array(key), v.maxLength(MAX_NAMES), v.readonly()), more: natural });

/** Checks whose findings are changes. */
const CHANGE_CHECKS = ['THUMB008', 'PROV006', 'PROV007', 'JWKS002', 'OPS001'] as const;

/** A stored change. */
export const change = v.variant('kind', [
  v.object({
    kind: v.literal('thumbprints-added'),
    /**
     * `served`: on a path that verifies. `not-compared`: not all certificates of the issuer were collected.
     */
    comparison: v.picklist(['served', 'not-served', 'not-compared']),
    /** An earlier run alerted the addition and could not compare it. */
    isLater: v.boolean(),
    thumbprints: namesOf(THUMBPRINT),
  }),
  v.object({
    kind: v.literal('thumbprints-removed'),
    /** The monitor had added them, or had begun to: no run knows whether IAM accepted that update. */
    isOwn: v.boolean(),
    thumbprints: namesOf(THUMBPRINT),
  }),
  v.object({
    kind: v.literal('audiences'),
    action: v.picklist(['added', 'removed']),
    audiences: namesOf(AUDIENCE),
  }),
  v.object({ kind: v.literal('update-lost'), startedAt: instant, thumbprints: namesOf(THUMBPRINT) }),
  v.object({ kind: v.literal('keys'), added: keys, removed: keys, published: natural }),
  v.object({
    kind: v.literal('providers'),
    action: v.picklist(['created', 'deleted']),
    providers: namesOf(PROVIDER_ARN),
  }),
  v.object({ kind: v.literal('fewer-recipients'), before: natural, now: natural }),
  /** Written by an earlier version of the monitor, which stored a sentence: that is not shown. */
  v.object({
    kind: v.literal('earlier'),
    check: v.picklist(CHANGE_CHECKS),
    severity: v.picklist(['info', 'low', 'medium', 'high']),
    thumbprints: namesOf(THUMBPRINT),
  }),
]) satisfies v.GenericSchema<unknown, Change>;

export type { Change, KeyName } from '../domain/change';
/** A change of one kind. */
export type ChangeOf<K extends Change['kind']> = Extract<Change, { kind: K }>;

/** The highest severity of such a change: a forged item cannot raise it. */
const HIGHEST_SEVERITY: Readonly<Record<(typeof CHANGE_CHECKS)[number], 'info' | 'medium' | 'high'>> = {
  THUMB008: 'high',
  PROV006: 'high',
  PROV007: 'medium',
  JWKS002: 'info',
  OPS001: 'high',
};

/**
 * A change that an earlier version stored as a finding; null: the finding is no change. Of its text only
 * thumbprints are used.
 */
export function changeOfEarlier(
  check: CheckId,
  severity: Severity,
  message: string,
): ChangeOf<'earlier'> | null {
  const known = CHANGE_CHECKS.find((each) => each === check);
  if (known === undefined) return null;
  const most = HIGHEST_SEVERITY[known];
  const values = message.match(/\b[0-9a-f]{40}\b/g) ?? [];
  const names = [...new Set(values)].slice(0, MAX_NAMES);
  return {
    kind: 'earlier',
    check: known,
    severity: severity === 'critical' || compareSeverity(severity, most) > 0 ? most : severity,
    thumbprints: { names, more: 0 },
  };
}

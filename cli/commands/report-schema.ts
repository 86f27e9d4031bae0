/** Validates a report of another version before it is printed. Unknown keys are accepted. */
import * as v from 'valibot';
import { STEPS } from '../../lambda/domain/errors';
import type { Failure, Report, SkippedCheck, Step } from '../../lambda/domain/types';
import { SEVERITIES } from '../../lambda/domain/severity';
import { UsageError } from '../usage-error';
import { CHECK_IDS } from '../../lambda/domain/checks';

const hasForm =
  (form: RegExp) =>
  (value: unknown): boolean =>
    typeof value === 'string' && form.test(value);

const texts = v.array(v.string());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const severity = v.picklist(SEVERITIES);

const finding = v.looseObject({
  check: v.picklist(CHECK_IDS),
  severity,
  message: v.string(),
  remedy: v.string(),
  notEvaluated: v.exactOptional(v.literal(true)),
  accepted: v.exactOptional(v.object({ reason: v.string(), until: v.string() })),
});

// A newer function may know more steps and codes; for printing their form is enough.
const failure = v.looseObject({
  step: v.union([v.picklist(STEPS), v.custom<Step>(hasForm(/^[a-z][a-z0-9-]{0,39}$/))]),
  code: v.custom<Failure['code']>(hasForm(/^[A-Z0-9]+_[A-Z0-9_]+$/)),
  message: v.string(),
  detail: v.exactOptional(v.string()),
});

// The same for reasons of newer functions.
const skipped = v.array(
  v.looseObject({
    check: v.picklist(CHECK_IDS),
    code: v.custom<SkippedCheck['code']>(hasForm(/^[a-z][a-z0-9-]{0,39}$/)),
    reason: v.string(),
    roles: v.exactOptional(texts),
  }),
);

const certificate = v.looseObject({
  subject: v.string(),
  issuer: v.string(),
  thumbprint: v.string(),
  notAfter: v.string(),
  onPath: v.boolean(),
  sha256: v.exactOptional(v.string()),
  anchored: v.exactOptional(v.boolean()),
});

const chain = v.looseObject({
  host: v.string(),
  addresses: texts,
  keyType: v.picklist(['rsa', 'ecdsa']),
  tls: v.string(),
  publiclyTrusted: v.boolean(),
  certificates: v.array(certificate),
});

const target = v.looseObject({
  // Whatever reads it takes it for a URL.
  issuer: v.pipe(v.string(), v.url()),
  providerArn: v.nullable(v.string()),
  status: v.picklist(['in-sync', 'drifted', 'provider-missing', 'not-audited']),
  enforced: v.nullable(v.boolean()),
  enforcedBasis: v.picklist(['public-ca', 'private-ca', 'tls13-only', 'unknown']),
  listed: texts,
  expected: texts,
  proposed: v.exactOptional(texts),
  chains: v.array(chain),
  signingKeys: texts,
  roles: texts,
  rolesNotEvaluated: v.exactOptional(texts),
  skipped: v.exactOptional(skipped),
  findings: v.array(finding),
  failure: v.exactOptional(failure),
});

const report = v.looseObject({
  schemaVersion: v.literal(1),
  action: v.picklist(['monitor', 'audit', 'test-alert']),
  account: v.nullable(v.string()),
  startedAt: v.string(),
  finishedAt: v.string(),
  findings: v.array(finding),
  failures: v.array(failure),
  skipped: v.exactOptional(skipped),
  trustStore: v.exactOptional(v.looseObject({ node: v.string(), roots: count })),
  summary: v.looseObject({
    inSync: count,
    drifted: count,
    providerMissing: count,
    notAudited: count,
    accepted: count,
    worst: v.nullable(severity),
  }),
  targets: v.array(target),
  text: v.string(),
});

/** Parses a report. Throws UsageError if this version does not know its form. */
export function readReport(payload: unknown): Report {
  const parsed = v.safeParse(report, payload);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const path = v.getDotPath(issue) ?? 'the answer';
  throw new UsageError(
    `The answer of the function is not a report that this version can read (${path}: ${issue.message}). Use the same version of this command as the deployed function, and the stack output MonitorFunctionName.`,
  );
}

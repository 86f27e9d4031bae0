/** Checks that did not run, in sentences: those with one reason together. */
import { CHECK_IDS } from '../domain/checks';
import type { CheckId } from '../domain/checks';
import { groupBy } from '../domain/group';
import type { SkipCode } from '../domain/skipped';
import type { Report, SkippedCheck } from '../domain/types';
import { count } from '../text/layout';
import { firstAndMore } from '../text/list';

/** A skipped check and its issuer; null: it belongs to the account. */
type Placed = SkippedCheck & { readonly issuer: string | null };

/** More roles are counted: of one target, and of a whole report. */
const MAX_ROLES = 10;
const MAX_ROLES_IN_REPORT = 3;

/** Their reasons are in a note or in a failure of the report. */
const SAID: readonly SkipCode[] = ['aws-not-read', 'audit-trust-off', 'roles-not-read'];

/** One sentence for each reason that the report does not give elsewhere: of one target, or of the account. */
export const skippedSentences = (skipped: readonly SkippedCheck[]): readonly string[] =>
  [
    ...groupBy(
      skipped.filter(({ code }) => !SAID.includes(code)),
      ({ code, reason }) => JSON.stringify([code, reason]),
    ).values(),
  ].map((group) => `Skipped: ${whatAndWhy(group, MAX_ROLES)}`);

/** The same for a whole report: similar ones of several targets are one sentence. `omit`: said elsewhere. */
export function skippedInReport(
  { skipped = [], targets }: Pick<Report, 'skipped' | 'targets'>,
  omit: readonly SkipCode[] = SAID,
): readonly string[] {
  const placed: readonly Placed[] = [
    ...skipped.map((one) => ({ ...one, issuer: null })),
    ...targets.flatMap(({ issuer, skipped: own = [] }) => own.map((one) => ({ ...one, issuer }))),
  ].filter(({ code }) => !omit.includes(code));
  return [...groupBy(placed, ({ code }) => code).values()].map((group) => {
    const issuers = new Set(group.flatMap(({ issuer }) => issuer ?? []));
    const [first] = issuers;
    const where =
      issuers.size > 1
        ? ` for ${count(issuers.size, 'provider')}`
        : first === undefined
          ? ''
          : ` for ${first}`;
    return `Skipped${where}: ${whatAndWhy(group, MAX_ROLES_IN_REPORT)}`;
  });
}

function whatAndWhy(group: readonly SkippedCheck[], maxRoles: number): string {
  const reasons = [...new Set(group.map(({ reason }) => reason))];
  const roles = [...new Set(group.flatMap(({ roles: own = [] }) => own))].map(nameOfRole);
  return [
    `${namesOfChecks(group.map(({ check }) => check))}.`,
    `${reasons.length > 1 ? 'For example: ' : ''}${reasons[0] ?? ''}`,
    ...(roles.length === 0 ? [] : [`Roles: ${firstAndMore(roles, maxRoles)}.`]),
  ].join(' ');
}

/** The name of a role in its ARN. */
const nameOfRole = (arn: string): string => arn.replace(/^.*\//s, '');

/** `PROV002, TRUST001 to TRUST005 and TRUST007`, each once, in the order of the documentation. */
export function namesOfChecks(checks: readonly CheckId[]): string {
  const runs: CheckId[][] = [];
  for (const id of CHECK_IDS.filter((one) => checks.includes(one))) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run !== undefined && last !== undefined && follows(last, id)) run.push(id);
    else runs.push([id]);
  }
  const names = runs.flatMap((run) => (run.length > 2 ? [`${run[0] ?? ''} to ${run.at(-1) ?? ''}`] : run));
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}

const follows = (before: CheckId, after: CheckId): boolean =>
  before.slice(0, -3) === after.slice(0, -3) && Number(before.slice(-3)) + 1 === Number(after.slice(-3));

/** Groups targets with the same results, so that the report describes them once. */
import { openFindings } from '../checks/suppressions';
import { compareSeverity, severityOf } from '../domain/severity';
import type { TargetReport } from '../domain/types';
import { remedySteps } from '../remedies/steps';
import { wrap } from '../text/layout';
import { groupBy } from '../domain/group';
import type { NonEmpty } from '../domain/group';

/** How many targets a group names before it counts the rest. */
export const MAX_NAMED = 5;

/** Targets with one cause. */
export type TargetGroup = NonEmpty<TargetReport>;

/** Groups by cause: the most severe first, then what is wrong with thumbprints. */
export function groupByCause(targets: readonly TargetReport[]): readonly TargetGroup[] {
  return [...groupBy(targets, causeOf).values()].sort(
    ([a], [b]) =>
      compareSeverity(severityOf(openFindings(b.findings)), severityOf(openFindings(a.findings))) ||
      URGENCY.indexOf(a.status) - URGENCY.indexOf(b.status),
  );
}

const URGENCY: readonly TargetReport['status'][] = ['drifted', 'provider-missing', 'not-audited', 'in-sync'];

/** Equal if everything that is reported of two targets is equal. */
export const causeOf = ({
  status,
  enforced,
  listed,
  expected,
  findings,
  failure,
  chains,
}: TargetReport): string =>
  JSON.stringify([
    status,
    enforced,
    listed,
    expected,
    findings.map(({ check, severity, accepted }) => [check, severity, accepted]),
    failure?.code,
    chains.map(({ host }) => host),
  ]);

/**
 * What to do about a group: each sentence once, and directly below it its commands, one for each target.
 * `remedies`: those of each target.
 */
export function groupRemedies(group: readonly (readonly string[])[]): readonly string[] {
  const shown = group.slice(0, MAX_NAMED).flatMap((remedies) => remedies.flatMap(remedySteps));
  const steps = [...groupBy(shown, ({ prose }) => prose)].flatMap(([prose, own]) => [
    ...(prose === '' ? [] : [wrap(prose)]),
    ...new Set(own.flatMap(({ command }) => (command === null ? [] : [indent(command)]))),
  ]);
  const rest = group.length - MAX_NAMED;
  const hasCommands = shown.some(({ command }) => command !== null);
  return rest > 0 && hasCommands ? [...steps, wrap(`Do the same for the other ${rest}.`)] : steps;
}

const indent = (command: string): string => command.replaceAll(/^/gm, '  ');

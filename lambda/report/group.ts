/** Groups targets with the same results, so that the report describes them once. */
import { openFindings } from '../checks/suppressions';
import { compareSeverity, severityOf } from '../domain/severity';
import type { TargetReport } from '../domain/types';
import { MORE_POLICIES, refersToMore } from '../remedies/policies';
import { isHereDocument, remedySteps } from '../remedies/steps';
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
  const others = group.slice(MAX_NAMED).flat();
  const parts = [...groupBy(shown, ({ prose }) => prose)].map(([prose, own]) =>
    [
      ...(prose === '' ? [] : [wrap(prose)]),
      ...new Set(own.flatMap(({ command }) => (command === null ? [] : [indent(command)]))),
    ].join('\n\n'),
  );
  if (others.some(refersToMore)) return [...new Set([...parts, wrap(MORE_POLICIES)])];
  const hasCommands = shown.some(({ command }) => command !== null);
  const rest = group.length - MAX_NAMED;
  return rest > 0 && hasCommands ? [...parts, wrap(`Do the same for the other ${rest}.`)] : parts;
}

const indent = (command: string): string =>
  isHereDocument(command) ? command : command.replaceAll(/^/gm, '  ');

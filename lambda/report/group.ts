/** Groups targets with the same results, so that the report describes them once. */
import type { TargetReport } from '../domain/types';
import { count, wrap } from '../text/layout';
import { groupBy } from '../domain/group';
import type { NonEmpty } from '../domain/group';

/** How many targets a group names before it counts the rest. */
export const MAX_NAMED = 5;

/** Targets with one cause. */
export type TargetGroup = NonEmpty<TargetReport>;

/** Groups by cause, what is wrong first. */
export function groupByCause(targets: readonly TargetReport[]): readonly TargetGroup[] {
  return [...groupBy(targets, causeOf).values()].sort(
    ([a], [b]) => URGENCY.indexOf(a.status) - URGENCY.indexOf(b.status),
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
 * What to do about a group: its prose once, its commands for each target. `remedies`: those of each target.
 */
export function groupRemedies(group: readonly (readonly string[])[]): readonly string[] {
  const all = group.slice(0, MAX_NAMED).flatMap((remedies) => remedies.map(splitRemedy));
  const prose = [...new Set(all.map((remedy) => remedy.prose))].filter((words) => words !== '');
  const commands = [...new Set(all.map((remedy) => remedy.command))].filter((line) => line !== '');
  const rest = group.length - MAX_NAMED;
  return [
    ...prose.map((words) => wrap(words)),
    ...commands,
    ...(rest > 0 && commands.length > 0
      ? [wrap(`Do the same for ${count(rest, 'more provider')} of this group.`)]
      : []),
  ];
}

/** A remedy is a paragraph, and after its first line break a command, which is never wrapped. */
function splitRemedy(remedy: string): { prose: string; command: string } {
  const end = remedy.indexOf('\n');
  if (end === -1) return { prose: remedy, command: '' };
  return { prose: remedy.slice(0, end), command: remedy.slice(end + 1).replaceAll(/^/gm, '  ') };
}

/** The trust around one target, all of its roles evaluated. */
import type { Finding } from '../../lambda/domain/types';
import { evaluateRole } from '../../lambda/checks/trust/role';
import { evaluateTargetTrust, rolesToEvaluate } from '../../lambda/checks/trust/trust';
import type { TargetTrust, TrustQuestion } from '../../lambda/checks/trust/trust';

/** As in a run that has the time to evaluate every role. */
export const trustOfTarget = (question: TrustQuestion): TargetTrust =>
  evaluateTargetTrust(question, { evaluated: rolesToEvaluate(question).map(evaluateRole), left: [] });

/** All findings, as if the roles had these managed policies. */
export const findingsWith = (
  { findings, candidates }: TargetTrust,
  attached: readonly string[] = [],
): readonly Finding[] => [
  ...findings,
  ...candidates.flatMap((candidate) => candidate.findingsWith(attached)),
];

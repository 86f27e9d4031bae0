/** Findings and targets that differ only in names, so that a hundred of them are one paragraph with a list. */
import { groupBy } from '../../lambda/domain/group';
import type { NonEmpty } from '../../lambda/domain/group';
import type { Finding, TargetReport } from '../../lambda/domain/types';
import { circleCiOrgOf } from '../../lambda/oidc/issuer';
import { remedySteps } from '../../lambda/remedies/steps';
import { skippedLines } from './checks';
import { rankFindings, shortName } from './ranking';

/** Similar findings of one target, or of none, the first of them in the order of the report. */
export type FindingGroup = NonEmpty<Finding>;

/** Similar targets: the same status, and findings that differ only in names. */
export type TargetGroup = NonEmpty<TargetReport>;

type Names = Pick<TargetReport, 'issuer' | 'providerArn'> | null;

/** The findings, the most severe first, similar ones together. `target`: the one that they belong to. */
export const similarFindings = (
  findings: readonly Finding[],
  target: Names = null,
): readonly FindingGroup[] => [
  ...groupBy(rankFindings(findings), (finding) => keyOfFinding(finding, target)).values(),
];

/** In the order of their first. Targets about which nothing is printed are not grouped. */
export const similarTargets = (targets: readonly TargetReport[]): readonly TargetGroup[] => [
  ...groupBy(targets, (target) =>
    isPlain(target) ? `${target.issuer} ${target.providerArn ?? ''}` : keyOfTarget(target),
  ).values(),
];

const isPlain = ({ findings, failure, status }: TargetReport): boolean =>
  findings.length === 0 && failure === undefined && status === 'in-sync';

const keyOfTarget = (target: TargetReport): string => {
  const { status, enforced, listed, expected, findings, failure } = target;
  return JSON.stringify([
    status,
    enforced,
    status === 'in-sync' ? [] : [listed, expected],
    failure === undefined ? null : [failure.code, withoutNames(failure.message, namesOf(target))],
    skippedLines(target),
    similarFindings(findings, target).map((group) => [keyOfFinding(group[0], target), group.length]),
  ]);
};

function keyOfFinding(finding: Finding, target: Names): string {
  const { check, severity, message, remedy, subject, accepted } = finding;
  const names = [...namesOf(target), ...(subject === undefined ? [] : [subject, shortName(subject)])];
  const prose = remedySteps(remedy).map((step) => step.prose);
  return JSON.stringify([
    check,
    severity,
    accepted,
    ...[message, ...prose].map((text) => withoutNames(text, names)),
  ]);
}

function namesOf(target: Names): readonly string[] {
  if (target === null) return [];
  const { issuer, providerArn } = target;
  const own = [providerArn ?? '', issuer, issuer.replace(/^https:\/\//, '')];
  return URL.canParse(issuer) ? [...own, new URL(issuer).host, circleCiOrgOf(issuer) ?? ''] : own;
}

/** Longer names first: they contain shorter ones. */
const withoutNames = (text: string, names: readonly string[]): string =>
  [...names]
    .filter((name) => name !== '')
    .sort((a, b) => b.length - a.length)
    .reduce((changed, name) => changed.replaceAll(name, '\u0000'), text);

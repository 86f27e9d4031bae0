/** The report as a person reads it: the verdict first, what to do second, the evidence last. */
import { openFindings } from './accepted';
import type { Finding, Report, TargetReport } from './domain';
import { escapeForeign } from './escape';
import { knownCertificate } from './known-certificates';
import { count, wrap } from './layout';
import { normaliseThumbprint } from './thumbprint';

/** A report before its text is written. */
export type UntoldReport = Omit<Report, 'text'>;

/** How many targets a group names before it counts the rest. */
const MOST_NAMED = 5;

/** Renders a report in plain text, prose in lines of at most 78 columns. Ends in a newline. */
export function reportText(report: UntoldReport, mostGroups = 50): string {
  const groups = groupByCause(report.targets);
  const told = groups.slice(0, mostGroups);
  const sections = [
    wrap(headline(report)),
    ...verdicts(report, told),
    ...section('WHAT TO DO', told.flatMap(remedies)),
    ...section('EVIDENCE', told.map(evidence)),
    ...(groups.length > told.length ? [omission(groups.length - told.length)] : []),
  ];
  return `${sections.join('\n\n')}\n`;
}

const omission = (groups: number): string =>
  wrap(
    `${count(groups, 'more group')} left out for length: invoke the function with {"action":"audit"} to see all.`,
  );

/** The report in one sentence. */
export function headline({
  summary,
  targets,
  account,
  failures,
}: Omit<UntoldReport, 'schemaVersion'>): string {
  const where = account === null ? '' : ` in AWS account ${account}`;
  const states: readonly (readonly [string, number])[] = [
    ['drift', summary.drifted],
    ['not checked', summary.notAudited],
    ['provider missing', summary.providerMissing],
  ];
  const counts = states.filter(([, amount]) => amount > 0).map(([state, amount]) => `${state} ${amount}`);
  const of = `${count(targets.length, 'target')}${where}`;
  if (counts.length > 0) return `Thumbprints: ${counts.join(', ')} of ${of}.`;
  if (failures.length > 0) return `Thumbprints: not everything could be checked${where}.`;
  if (targets.length === 0) return `Nothing to watch: no OIDC provider is configured or found${where}.`;
  return `Thumbprints: in sync ${targets.length} of ${of}.`;
}

type Group = readonly [TargetReport, ...TargetReport[]];

/** Targets that say the same are told once. */
function groupByCause(targets: readonly TargetReport[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const target of targets) {
    const group = groups.get(causeOf(target));
    groups.set(causeOf(target), group === undefined ? [target] : [...group, target]);
  }
  return [...groups.values()].sort(([a], [b]) => URGENCY.indexOf(a.status) - URGENCY.indexOf(b.status));
}

const URGENCY: readonly TargetReport['status'][] = ['drifted', 'provider-missing', 'not-audited', 'in-sync'];

const causeOf = ({ status, enforced, listed, expected, findings, failure, chains }: TargetReport): string =>
  JSON.stringify([
    status,
    enforced,
    listed,
    expected,
    findings.map(({ check, severity, accepted }) => [check, severity, accepted]),
    failure?.code,
    chains.map(({ host }) => host),
  ]);

function verdicts(
  { findings, failures, notes = [] }: UntoldReport,
  groups: readonly Group[],
): readonly string[] {
  const words = [
    ...findings.map(({ message }) => message),
    ...failures.map(({ message }) => message),
    ...notes,
    ...groups.flatMap(([target, ...others]) => [
      ...openFindings(target.findings)
        .map(({ message }) => message)
        .filter((message) => message !== target.failure?.message),
      ...others.slice(0, MOST_NAMED - 1).flatMap(accountMessages),
      ...(target.failure === undefined
        ? []
        : [`${target.failure.message} What cannot be seen is not called drift.`]),
    ]),
  ];
  return [...new Set(words)].map((message) => wrap(message));
}

/** Of targets with the same checks, what each says of its own roles and provider differs. */
const accountMessages = ({ findings }: TargetReport): readonly string[] =>
  openFindings(findings)
    .filter(({ check }) => /^(PROV|TRUST)/.test(check))
    .map(({ message }) => message);

const section = (title: string, parts: readonly string[]): readonly string[] =>
  parts.length === 0 ? [] : [title, ...new Set(parts)];

/** What to do about a group, its prose once, its commands for each target. */
function remedies(group: Group): readonly string[] {
  const all = group
    .slice(0, MOST_NAMED)
    .flatMap((target) => openFindings(target.findings).map(({ remedy }) => splitRemedy(remedy)));
  const prose = [...new Set(all.map((remedy) => remedy.prose))].filter((words) => words !== '');
  const commands = [...new Set(all.map((remedy) => remedy.command))].filter((line) => line !== '');
  const rest = group.length - MOST_NAMED;
  return [
    ...prose.map((words) => wrap(words)),
    ...commands,
    ...(rest > 0 && commands.length > 0
      ? [wrap(`Do the same for ${count(rest, 'more provider')} of this group.`)]
      : []),
  ];
}

/** A remedy is a paragraph, and behind its first line break a command, which is never wrapped. */
function splitRemedy(remedy: string): { prose: string; command: string } {
  const end = remedy.indexOf('\n');
  if (end === -1) return { prose: remedy, command: '' };
  return { prose: remedy.slice(0, end), command: remedy.slice(end + 1).replaceAll(/^/gm, '  ') };
}

function evidence(group: Group): string {
  const [first] = group;
  const rest = group.length - MOST_NAMED;
  const names = group.slice(0, MOST_NAMED).map(({ issuer, status }) => `${status}: ${issuer}`);
  return [
    ...names,
    ...(rest > 0 ? [`and ${rest} more`] : []),
    ...first.findings.map(checkLine),
    ...(first.failure === undefined ? [] : [`  ${first.failure.code} at step ${first.failure.step}`]),
    ...(first.providerArn === null ? [] : values('listed', first.listed, (one) => nameOf(one, first))),
    ...values('expected', first.expected, knownCertificate),
    ...first.chains.flatMap(served),
  ].join('\n');
}

const checkLine = ({ check, severity, accepted }: Finding): string =>
  accepted === undefined
    ? `  ${check} (${severity})`
    : `  ${check} (${severity}), accepted until ${accepted.until}: ${escapeForeign(accepted.reason)}`;

type Naming = (thumbprint: string) => string | null;

function values(title: string, thumbprints: readonly string[], naming: Naming): readonly string[] {
  if (thumbprints.length === 0) return [`  ${title.padEnd(10)}none`];
  return thumbprints.flatMap((thumbprint, index) => {
    const name = naming(thumbprint);
    const line = `  ${(index === 0 ? title : '').padEnd(10)}${escapeForeign(thumbprint)}`;
    return name === null ? [line] : [line, wrap(name, ' '.repeat(14))];
  });
}

/** What a listed value is, as far as can be told: a served certificate, a well-known one, a placeholder. */
function nameOf(listed: string, { expected, chains }: TargetReport): string | null {
  const thumbprint = normaliseThumbprint(listed);
  const served = chains
    .flatMap(({ certificates }) => certificates)
    .find((one) => one.thumbprint === thumbprint);
  if (expected.includes(thumbprint)) return 'served, as expected';
  if (served !== undefined)
    return `served, but ${served.onPath ? 'below the end of the path' : 'not on the path'}: ${served.subject}`;
  if (/^(.)\1{39}$/.test(thumbprint)) return 'a placeholder';
  return knownCertificate(thumbprint) ?? (chains.length === 0 ? null : 'not served, and not known');
}

function served({
  host,
  addresses,
  keyType,
  tls,
  publiclyTrusted,
  certificates,
}: TargetReport['chains'][number]): readonly string[] {
  const trust = publiclyTrusted ? 'publicly trusted' : 'not publicly trusted';
  return [
    `  served by ${host}, ${keyType.toUpperCase()}, ${tls}, ${trust}`,
    ...addresses.map((address) => `    at ${address}`),
    ...certificates.map(
      ({ thumbprint, subject, notAfter, onPath }) =>
        `    ${thumbprint} until ${notAfter.slice(0, 10)}${onPath ? '' : ', not on the path'}\n      ${subject}`,
    ),
  ];
}

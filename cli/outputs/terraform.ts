/** The lists for people whose providers are Terraform's, as `terraform fmt` writes them. */
import type { Report, TargetReport } from '../../lambda/domain/types';
import { escapeForeign } from '../../lambda/text/escape';
import { MAX_THUMBPRINTS, correctedList } from '../../lambda/x509/thumbprint';
import { skippedSentences } from '../../lambda/report/skipped';
import { isBlind, isSkipped } from '../exit';
import { skippedLines } from './checks';
import { withReason } from './ranking';
import { withoutCommands } from './log-commands';
import { nameOfThumbprint } from '../../lambda/report/thumbprint';

/** Renders one resource per target, with the list to paste. Proposes nothing for a target that was not audited. */
export function renderTerraform(report: Report): string {
  const labels = new Set<string>();
  const blocks = [
    ...report.failures.map((failure) => `# ${failure.code}: ${escapeForeign(withReason(failure))}`),
    ...(report.notes ?? []).map((note) => `# ${escapeForeign(note)}`),
    ...skippedSentences(report.skipped ?? []).map((words) => `# ${escapeForeign(words)}`),
    ...(report.targets.length === 0 ? ['# There is no list: no OIDC provider was selected.'] : []),
    ...report.targets.map((target) => block(target, labels)),
  ];
  return `${withoutCommands(blocks.join('\n\n'), HCL)}\n`;
}

const block = (target: TargetReport, labels: Set<string>): string =>
  [...blockLines(target, labels)].join('\n');

function* blockLines(target: TargetReport, labels: Set<string>): Generator<string> {
  const { issuer, providerArn, status, failure, expected, proposed = [] } = target;
  yield `# ${escapeForeign(issuer)}`;
  if (providerArn !== null) yield `# ${escapeForeign(providerArn)}`;
  for (const words of skippedLines(target)) yield `# ${escapeForeign(words)}`;
  if (isBlind(target) || expected.length === 0) {
    yield `# Keep the list as it is: ${failure === undefined ? status : `${status}, ${failure.code}`}.`;
    return;
  }
  if (proposed.length === 0) {
    yield `# Keep the list as it is: ${status}, and no served certificate was verified.`;
    yield* withheldLines(target);
    return;
  }
  yield isSkipped(target)
    ? '# not-audited: IAM was not read (--no-aws). If the provider exists, keep its other thumbprints, too.'
    : `# ${status}. Keep the other arguments of the resource.`;
  yield* withheldLines(target);
  yield `resource "aws_iam_openid_connect_provider" "${labelOf(issuer, labels)}" {`;
  yield `  url = ${hclText(issuer)}`;
  yield '';
  yield* thumbprintListLines(target, proposed);
  yield '}';
}

/** Thumbprints that are served and not verified, in comments, so that they are not pasted unread. */
function withheldLines(target: TargetReport): readonly string[] {
  const { expected, proposed = [], chains, findings } = target;
  const withheld = expected.filter((one) => !proposed.includes(one));
  if (withheld.length === 0) return [];
  if (findings.some(({ check }) => check === 'CERT007'))
    return [`# Not in the list, because no trust anchor verifies it (CERT007): ${withheld.join(', ')}.`];
  const served = chains.flatMap(({ certificates }) => certificates);
  return [
    "# Not verified: compare it with the CA file on the issuer's server, and name that CA with --ca-file.",
    ...withheld.map((one) => {
      const sha256 = served.find(({ thumbprint }) => thumbprint === one)?.sha256 ?? 'not known';
      const name = nameOfThumbprint(one, target);
      return `#   ${hclText(one)},${name === null ? '' : ` # ${escapeForeign(name)}`}; SHA-256 ${escapeForeign(sha256)}`;
    }),
  ];
}

/** A letter, then letters, digits and underscores, and no two alike. */
function labelOf(issuer: string, labels: Set<string>): string {
  const name = issuer
    .toLowerCase()
    .replace(/^https:\/\//, '')
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replace(/^(?=\d)/, 'issuer_')
    .replace(/_$/, '');
  let label = name;
  for (let number = 2; labels.has(label); number += 1) label = `${name}_${number}`;
  labels.add(label);
  return label;
}

/** IAM replaces whole lists, so the listed entries stay, as far as they fit. The others are reported, not dropped. */
function* thumbprintListLines(target: TargetReport, proposed: readonly string[]): Generator<string> {
  const { listed } = target;
  const whole = correctedList(listed, proposed);
  const fits = whole.length <= MAX_THUMBPRINTS;
  if (!fits) {
    yield `  # ${whole.length} thumbprints, but IAM permits ${MAX_THUMBPRINTS}. Decide which of these to keep, too:`;
    yield* whole.filter((one) => !proposed.includes(one)).map((one) => `  # ${hclText(one)},`);
  }
  yield '  thumbprint_list = [';
  for (const one of fits ? whole : proposed) {
    const name = nameOfThumbprint(one, target) ?? (proposed.includes(one) ? '' : 'listed before');
    yield `    ${hclText(one)},${name === '' ? '' : ` # ${escapeForeign(name)}`}`;
  }
  yield '  ]';
}

/** Escapes that a quoted string understands. */
const HCL = { hash: String.raw`\u0023`, colon: String.raw`\u003a` } as const;

/** https://developer.hashicorp.com/terraform/language/expressions/strings: quotes, backslashes and templates. */
const hclText = (value: string): string =>
  `"${escapeForeign(value)
    .replaceAll(/["\\]/g, '\\$&')
    .replaceAll(/[$%](?=\{)/g, '$&$&')}"`;

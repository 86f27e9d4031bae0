/** The lists for people whose providers are Terraform's, as `terraform fmt` writes them. */
import type { Report, TargetReport } from '../lambda/core/domain';
import { escapeForeign } from '../lambda/core/text/escape';
import { MOST_THUMBPRINTS, correctedList } from '../lambda/core/certificates/thumbprint';
import { isBlind } from './exit';
import { withoutCommands } from './log-commands';
import { nameOfThumbprint } from './thumbprints';

/** Renders a resource a target, of which the list is to be pasted. Nothing is proposed where nothing was seen. */
export function renderTerraform(report: Report): string {
  const labels = new Set<string>();
  const blocks = [
    ...report.failures.map(({ code, message }) => `# ${code}: ${escapeForeign(message)}`),
    ...(report.targets.length === 0 ? ['# Nothing to list: no OIDC provider was found or named.'] : []),
    ...report.targets.map((target) => block(target, labels)),
  ];
  return `${withoutCommands(blocks.join('\n\n'), HCL)}\n`;
}

function block(target: TargetReport, labels: Set<string>): string {
  const { issuer, providerArn, status, failure, expected } = target;
  const about = [issuer, ...(providerArn === null ? [] : [providerArn])].map(
    (name) => `# ${escapeForeign(name)}`,
  );
  if (isBlind(target) || expected.length === 0) {
    const reason = failure === undefined ? status : `${status}, ${failure.code}`;
    return [...about, `# Keep the list as it is: ${reason}.`].join('\n');
  }
  return [
    ...about,
    `# ${status}. What else the resource has stays as it is.`,
    ...(target.chains.every(({ publiclyTrusted }) => publiclyTrusted)
      ? []
      : ['# The chain is not publicly trusted: compare it with your own CA before you apply.']),
    `resource "aws_iam_openid_connect_provider" "${labelOf(issuer, labels)}" {`,
    `  url = ${text(issuer)}`,
    '',
    ...listLines(target),
    '}',
  ].join('\n');
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

/** IAM replaces lists whole, so what was listed stays, as far as it fits. What does not is told, not dropped. */
function listLines(target: TargetReport): readonly string[] {
  const { listed, expected } = target;
  const whole = correctedList(listed, expected);
  const fits = whole.length <= MOST_THUMBPRINTS;
  const list = fits ? whole : expected;
  return [
    ...(fits
      ? []
      : [
          `  # ${whole.length} thumbprints, of which IAM takes ${MOST_THUMBPRINTS}. Decide which of these stay, too:`,
          ...whole.filter((one) => !expected.includes(one)).map((one) => `  # ${text(one)},`),
        ]),
    '  thumbprint_list = [',
    ...list.map((one) => {
      const name = nameOfThumbprint(one, target) ?? (expected.includes(one) ? '' : 'listed before');
      return `    ${text(one)},${name === '' ? '' : ` # ${escapeForeign(name)}`}`;
    }),
    '  ]',
  ];
}

/** Escapes that a quoted string understands. */
const HCL = { hash: String.raw`\u0023`, colon: String.raw`\u003a` } as const;

/** https://developer.hashicorp.com/terraform/language/expressions/strings: quotes, backslashes and templates. */
const text = (value: string): string =>
  `"${escapeForeign(value)
    .replaceAll(/["\\]/g, '\\$&')
    .replaceAll(/[$%](?=\{)/g, '$&$&')}"`;

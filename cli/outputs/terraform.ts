/** The lists for people whose providers are Terraform's, as `terraform fmt` writes them. */
import type { Report, TargetReport } from '../../lambda/domain/types';
import { escapeForeign } from '../../lambda/text/escape';
import { MAX_THUMBPRINTS, correctedList } from '../../lambda/x509/thumbprint';
import { isBlind } from '../exit';
import { withoutCommands } from './log-commands';
import { nameOfThumbprint } from '../../lambda/report/thumbprint';

/** Renders one resource per target, with the list to paste. Proposes nothing for a target that was not audited. */
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
  const withheld = withheldLines(target);
  if (target.proposed === undefined || target.proposed.length === 0) {
    return [
      ...about,
      `# Keep the list as it is: ${status}, and nothing that is served was verified.`,
      ...withheld,
    ].join('\n');
  }
  return [
    ...about,
    `# ${status}. What else the resource has stays as it is.`,
    ...withheld,
    `resource "aws_iam_openid_connect_provider" "${labelOf(issuer, labels)}" {`,
    `  url = ${hclText(issuer)}`,
    '',
    ...thumbprintListLines(target, target.proposed),
    '}',
  ].join('\n');
}

/** Thumbprints that are served and not verified, in comments: nobody pastes them unread. */
function withheldLines(target: TargetReport): readonly string[] {
  const { expected, proposed = [], chains, findings } = target;
  const withheld = expected.filter((one) => !proposed.includes(one));
  if (withheld.length === 0) return [];
  if (findings.some(({ check }) => check === 'CERT007'))
    return [`# Left out, because no trust anchor stands behind it (CERT007): ${withheld.join(', ')}.`];
  const served = chains.flatMap(({ certificates }) => certificates);
  return [
    "# Not verified: compare it with the CA file on the issuer's server, and name that CA in trustAnchors (--ca-file).",
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
function thumbprintListLines(target: TargetReport, proposed: readonly string[]): readonly string[] {
  const { listed } = target;
  const whole = correctedList(listed, proposed);
  const fits = whole.length <= MAX_THUMBPRINTS;
  const list = fits ? whole : proposed;
  return [
    ...(fits
      ? []
      : [
          `  # ${whole.length} thumbprints, of which IAM takes ${MAX_THUMBPRINTS}. Decide which of these stay, too:`,
          ...whole.filter((one) => !proposed.includes(one)).map((one) => `  # ${hclText(one)},`),
        ]),
    '  thumbprint_list = [',
    ...list.map((one) => {
      const name = nameOfThumbprint(one, target) ?? (proposed.includes(one) ? '' : 'listed before');
      return `    ${hclText(one)},${name === '' ? '' : ` # ${escapeForeign(name)}`}`;
    }),
    '  ]',
  ];
}

/** Escapes that a quoted string understands. */
const HCL = { hash: String.raw`\u0023`, colon: String.raw`\u003a` } as const;

/** https://developer.hashicorp.com/terraform/language/expressions/strings: quotes, backslashes and templates. */
const hclText = (value: string): string =>
  `"${escapeForeign(value)
    .replaceAll(/["\\]/g, '\\$&')
    .replaceAll(/[$%](?=\{)/g, '$&$&')}"`;

/** `docs/issuers.md`, made from the profiles and the sections. */
import type { IssuerGrammar, Segment, TokenForm } from '../../../lambda/iam-policy/grammar';
import { PROFILES, tokenSource } from '../../../lambda/oidc/profiles';
import { principalOf } from '../trust-findings';
import { EVERY_ISSUER, ORG, OTHER_ORG, PROJECT, SECTIONS, subjectsOf } from './sections';
import type { AbsentKeys, Conditions, IssuerSection, Mistake } from './sections';

/** The page as it must be. */
export const issuersDocument = (): string =>
  `${[
    ...INTRODUCTION,
    ...SECTIONS.map(({ title }) => `- [${title}](#${anchorOf(title)})`),
    '',
    ...COMMON,
    '',
    ...tableOf(EVERY_ISSUER.mistakes),
    ...SECTIONS.flatMap(linesOf),
  ].join('\n')}\n`;

/** As GitHub makes it from a heading. */
const anchorOf = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-');

function linesOf(section: IssuerSection): readonly string[] {
  const { title, recognized, usualAudience, right, mistakes, absent } = section;
  const grammar = grammarOf(section);
  const { tenant, unit, workload } = grammar.nouns;
  const profile = PROFILES.find(({ id }) => id === section.profile);
  return [
    '',
    `## ${title}`,
    '',
    `- **Recognized by**: ${recognized}.`,
    profile === undefined
      ? '- **Kind**: not known.'
      : `- **Kind**: ${KINDS[grammar.kind]}. Tenant: ${tenant}. Unit: ${unit}. Workload: ${workload ?? 'its tokens do not say'}.`,
    `- **Audience**: ${usualAudience}.`,
    `- **Condition keys**: ${keysOf(grammar)}`,
    `- **Complete**: ${grammar.isComplete ? 'yes. No token has another subject.' : 'no. Tokens may have subjects of other forms.'}`,
    ...(profile === undefined
      ? []
      : [`- **As of** ${grammar.date}. Sources: ${profile.sources.map((url) => `<${url}>`).join(', ')}.`]),
    ...subjectsTable(grammar),
    '',
    `Right${right.findings.length === 0 ? '' : ` (${right.findings.map(link).join(', ')})`}: ${shown(right.conditions)}`,
    '',
    ...tableOf(mistakes),
    ...(absent === null ? [] : absentRows(absent, grammar)),
  ];
}

const KINDS: Readonly<Record<IssuerGrammar['kind'], string>> = {
  shared: 'one issuer for all customers',
  tenant: 'each customer has an issuer of its own',
  'self-hosted': 'the issuer is on a host of the customer',
};

const grammarOf = (section: IssuerSection): IssuerGrammar =>
  tokenSource(
    {
      issuer: section.issuers[0],
      providerArn: principalOf(section.issuers[0]),
      audiences: [section.audience],
    },
    subjectsOf(section),
  ).grammar;

/** Long ids are hard to read. */
const WORDS = { [ORG]: 'ORG_ID', [OTHER_ORG]: 'OTHER_ORG_ID', [PROJECT]: 'PROJECT_ID' };

const code = (text: string): string =>
  `\`${Object.entries(WORDS).reduce((shown, [id, word]) => shown.replaceAll(id, word), text)}\``;

function keysOf({ keys, uncertainKeys }: IssuerGrammar): string {
  if (keys.size === 0) return 'only those of every issuer.';
  const isUnannounced = [...keys.values()].some((key) => key.isUnannounced === true);
  const uncertain =
    uncertainKeys.size === 0
      ? ''
      : ` It is not known whether AWS STS supports ${[...uncertainKeys].map(code).join(', ')}.`;
  return `${[...keys.keys()].map(code).join(', ')}.${isUnannounced ? ' AWS lists them in its reference, but has not announced them.' : ''}${uncertain}`;
}

function subjectsTable({ forms, pullRequests }: IssuerGrammar): readonly string[] {
  if (forms.length === 0) return ['- **Subjects**: not known.'];
  const byPullRequest = forms.some(({ origin }) => origin === 'pull request') ? pullRequests : null;
  return [
    '',
    '| token | subject |',
    '|---|---|',
    ...forms.map((form) => `| ${form.name} | ${code(subjectOf(form))} |`),
    ...(byPullRequest === null ? [] : ['', byPullRequest.settings]),
  ];
}

/** With words in capitals for what is variable. */
const subjectOf = ({ subject }: TokenForm): string =>
  subject.map((segment, index) => textOf(segment, subject[index - 1])).join('');

function textOf(segment: Segment, before: Segment | undefined): string {
  if ('literal' in segment) return segment.literal;
  const { positions } = segment.field;
  const free = positions.findIndex(({ characters }) => typeof characters === 'object');
  const begin = positions.slice(0, free === -1 ? positions.length : free);
  const fixed = begin.map(({ characters }) => (typeof characters === 'string' ? characters : '')).join('');
  if (free === -1) return fixed;
  const label =
    before !== undefined && 'literal' in before ? /(\w+)[:/]$/.exec(before.literal)?.[1] : undefined;
  return `${fixed}${(segment.claims[0] ?? label ?? 'UUID').toUpperCase().replaceAll(' ', '_')}`;
}

const tableOf = (mistakes: readonly Mistake[]): readonly string[] => [
  '| mistake | conditions | findings |',
  '|---|---|---|',
  ...mistakes.map(({ what, conditions, findings }) => row(what, shown(conditions), findings)),
];

const row = (what: string, conditions: string, findings: readonly string[]): string =>
  `| ${what} | ${conditions} | ${findings.map(link).join(', ')} |`;

const absentRows = (
  { keys, findings, ifExists }: AbsentKeys,
  { uncertainKeys }: IssuerGrammar,
): readonly string[] => [
  row(
    keys.every((key) => uncertainKeys.has(key))
      ? 'a key of which it is not known whether AWS STS supports it'
      : 'a key that AWS STS does not support',
    `\`StringEquals\` on ${keys.map(code).join(', ')}`,
    findings,
  ),
  row(
    'such a key with an operator that ignores missing keys',
    '`StringEqualsIfExists` on the same keys',
    ifExists,
  ),
];

const shown = (conditions: Conditions): string => {
  const parts = Object.entries(conditions).flatMap(([operator, tests]) =>
    Object.entries(tests).map(
      ([key, value]) => `${code(operator)} ${code(key)}: ${[value].flat().map(code).join(', ')}`,
    ),
  );
  return parts.length === 0 ? 'none' : parts.join('; ');
};

/** `TRUST001 high`, with a link. */
const link = (finding: string): string => {
  const [check = '', severity = ''] = finding.split(' ');
  return `[${check}](findings.md#${check.toLowerCase()}) ${severity}`;
};

const INTRODUCTION = [
  '# Issuers',
  '',
  '<!-- Made by `npm run docs:issuers` from lambda/oidc/profiles and test/support/issuers. A test compares. -->',
  '',
  'What the monitor knows about the tokens of each kind of issuer, and what it finds if a trust policy has one of the usual',
  'mistakes. Tests evaluate every row. [Findings](findings.md#how-roles-are-evaluated) explains how roles are evaluated.',
  '',
  '- The **tenant** is the customer of the vendor, the **unit** is what builds, and the **workload** is a part of it.',
  '- In conditions, a key without a colon stands for the key with its prefix: `sub` is `PREFIX:sub`, where the prefix is the URL of',
  '  the issuer without `https://`.',
  '- Words in capitals are variable.',
  '- If a row does not say more, the role has no other conditions than one on `aud` with an audience of the provider, and no policy',
  '  that makes it privileged.',
  '- `ORG_ID`, `OTHER_ORG_ID` and `PROJECT_ID` stand for UUIDs. The other names and ids are invented.',
  '',
  'Contents:',
  '',
  '- [Every issuer](#every-issuer)',
];

const COMMON = [
  '## Every issuer',
  '',
  'AWS STS supports the condition keys `sub`, `aud` (the `azp` of the token, or its `aud` if it has no `azp`), `oaud` (always its',
  '`aud`), `amr` and `email` for every issuer. The values of `amr` and `email` are not evaluated. All other keys of an issuer are',
  'missing, except those that its section names: `StringEquals` and `StringLike` on a missing key never match, and operators with',
  '`IfExists` or `ForAllValues:` always do. AWS adds keys from time to time, so each section has a date.',
  '',
  'The examples are evaluated with tokens of a CircleCI organization.',
];

/** Validates the trust of a role: at synth, before anything is deployed. */
import { parseProjectId } from '../../lambda/oidc/issuer';
import { quote } from '../../lambda/text/quote';
import type { TokenSource } from '../../lambda/iam-policy/tokens';
import type { CircleCiTrustProps } from './props';
import { notWritten } from './validate';
import type { Validated } from './validate';

/** The input of the conditions. */
export interface ValidatedTrust {
  readonly project: string;
  readonly projectIdCondition: boolean;
  /** Null: builds of any repository, and tokens that name none. */
  readonly source: { readonly origin: string; readonly refs: readonly string[] } | null;
}

/** Validates everything at once. `kind`: of the issuer. */
export function validateTrustProps(
  props: CircleCiTrustProps,
  kind: TokenSource['kind'],
): Validated<ValidatedTrust> {
  const { origin, ref, projectIdCondition = kind === 'cloud' } = props;
  const project = parseProjectId(props.project);
  const refs = ref === undefined ? ['*'] : [ref].flat();
  const problems = [
    ...(project.ok ? [] : [notWritten('project', props.project) ?? `project: ${project.problem}`]),
    ...(origin === undefined ? [] : validateOrigin(origin)),
    ...(ref === undefined ? [] : validateRefs(refs, origin)),
    ...validateProjectIdCondition(projectIdCondition, kind),
  ];
  if (!project.ok || problems.length > 0) return { ok: false, problems };
  const source = origin === undefined ? null : { origin, refs: [...new Set(refs)] };
  return { ok: true, value: { project: project.value, projectIdCondition, source } };
}

const validateProjectIdCondition = (wanted: boolean, kind: TokenSource['kind']): readonly string[] =>
  !wanted || kind === 'cloud'
    ? []
    : [
        'projectIdCondition: AWS STS knows project-id for orgs of circleci.com only. On CircleCI Server nobody could log in. Leave it out: sub names the project.',
      ];

/** A text with its checks. The first problem is reported. */
interface Refusal {
  readonly holds: (text: string) => boolean;
  readonly words: string;
}

const refusalsFor = (key: string, text: string, refusals: readonly Refusal[]): readonly string[] => {
  const computed = notWritten(key, text);
  if (computed !== null) return [computed];
  const refusal = refusals.find(({ holds }) => holds(text));
  return refusal === undefined ? [] : [`${key}: ${quote(text)} ${refusal.words}`];
};

const VARIABLE: Refusal = {
  holds: (text) => text.includes('${'),
  words: 'contains ${, which begins a variable in IAM policies. Choose another name.',
};

const ORIGIN: readonly Refusal[] = [
  {
    holds: (text) => text.includes('://'),
    words: 'has a scheme. Write it as the token has it, such as github.com/acme/app.',
  },
  VARIABLE,
  {
    holds: (text) => /[*?]/.test(text),
    words:
      'has a wildcard, which the name of a branch could meet, followed by the wanted ref. Name one repository, such as github.com/acme/app.',
  },
  {
    holds: (text) => text.includes('/vcs-ref/'),
    words: 'goes on with a ref. Put that into ref.',
  },
  {
    holds: (text) => !/^[^\s/]+(?:\/[^\s/]+)+$/.test(text),
    words: 'is not a repository. Write it as the token has it, such as github.com/acme/app.',
  },
];

const validateOrigin = (origin: string): readonly string[] => refusalsFor('origin', origin, ORIGIN);

/** https://git-scm.com/docs/git-check-ref-format, but for the one wildcard at the end. */
const NEVER_IN_REFS = /[\s~^:[\\\p{C}]|\.\.|@\{|\/\/|\/\.|[/.]$|\.lock(?:\/|$)/u;

const REF: readonly Refusal[] = [
  VARIABLE,
  {
    holds: (text) => !/^refs\/[^/*?]+\/./.test(text),
    words: 'is not a full ref. Write refs/heads/main for a branch, refs/tags/v1 for a tag.',
  },
  {
    holds: (text) => /[*?]/.test(text.replace(/\*$/, '')),
    words: 'has a wildcard that is no * at its end. Name each ref, or what they begin with: refs/tags/v*.',
  },
  {
    holds: (text) => NEVER_IN_REFS.test(text),
    words: 'is no name that git permits, so no build could have it.',
  },
];

const validateRefs = (refs: readonly string[], origin: string | undefined): readonly string[] => [
  ...(origin === undefined
    ? [
        'ref: needs origin. Forks have branches of the same name, and behind any origin a branch could be named so that its own name ends in the wanted ref.',
      ]
    : []),
  ...(refs.length > 0 ? [] : ['ref: is empty, so nobody could log in. Leave it out to let in every ref.']),
  ...refs.flatMap((ref) => refusalsFor('ref', ref, REF)),
];

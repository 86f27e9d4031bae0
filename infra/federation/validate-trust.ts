/** Validates the trust of a role: at synth, before anything is deployed. */
import { parseProjectId } from '../../lambda/oidc/issuer';
import type { CircleCiTrustProps } from './props';
import type { Validated } from './validate';
import { notWritten } from './validate';
import { REF, VARIABLE, refusalsFor } from './validate-text';
import type { Refusal } from './validate-text';

/** The input of the conditions. */
export interface ValidatedTrust {
  readonly project: string;
  readonly projectIdCondition: boolean;
  /** Null: builds of any repository, and tokens that name none. */
  readonly source: { readonly origin: string; readonly refs: readonly string[] } | null;
}

/** Validates everything at once. `hasProjectKey`: AWS STS supports project-id for the issuer. */
export function validateTrustProps(
  props: CircleCiTrustProps,
  hasProjectKey: boolean,
): Validated<ValidatedTrust> {
  const { origin, ref, projectIdCondition = hasProjectKey } = props;
  const project = parseProjectId(props.project);
  const refs = ref === undefined ? ['*'] : [ref].flat();
  const problems = [
    ...(project.ok ? [] : [notWritten('project', props.project) ?? `project: ${project.problem}`]),
    ...(origin === undefined ? [] : validateOrigin(origin)),
    ...(ref === undefined ? [] : validateRefs(refs, origin)),
    ...validateProjectIdCondition(projectIdCondition, hasProjectKey),
  ];
  if (!project.ok || problems.length > 0) return { ok: false, problems };
  const source = origin === undefined ? null : { origin, refs: [...new Set(refs)] };
  return { ok: true, value: { project: project.value, projectIdCondition, source } };
}

const validateProjectIdCondition = (wanted: boolean, hasProjectKey: boolean): readonly string[] =>
  !wanted || hasProjectKey
    ? []
    : [
        'projectIdCondition: AWS STS supports project-id only for organizations of circleci.com. With CircleCI Server, all logins would fail. Remove it: sub already names the project.',
      ];

const ORIGIN: readonly Refusal[] = [
  {
    holds: (text) => text.includes('://'),
    words: 'contains a scheme. Write it as in the token, such as github.com/acme/app.',
  },
  VARIABLE,
  {
    holds: (text) => /[*?]/.test(text),
    words:
      'contains a wildcard, which a branch of another repository could match. Name one repository, such as github.com/acme/app.',
  },
  {
    holds: (text) => text.includes('/vcs-ref/'),
    words: 'contains a ref. Move it to ref.',
  },
  {
    holds: (text) => !/^[^\s/]+(?:\/[^\s/]+)+$/.test(text),
    words: 'is not a repository. Write it as in the token, such as github.com/acme/app.',
  },
];

const validateOrigin = (origin: string): readonly string[] => refusalsFor('origin', origin, ORIGIN);

const validateRefs = (refs: readonly string[], origin: string | undefined): readonly string[] => [
  ...(origin === undefined
    ? [
        'ref: requires origin. Without it, a fork could log in with a branch of the same name, or with a branch whose name ends in this ref. Set origin.',
      ]
    : []),
  ...(refs.length > 0 ? [] : ['ref: is empty, so all logins would fail. Remove it to accept every ref.']),
  ...refs.flatMap((ref) => refusalsFor('ref', ref, REF)),
];

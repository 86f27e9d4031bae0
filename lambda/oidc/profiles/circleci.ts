/** CircleCI: one issuer per organization, on circleci.com and on CircleCI Server, and the root issuer of all. */
import { closed } from '../../iam-policy/alphabet';
import type { Field, IssuerGrammar, Segment, TokenForm } from '../../iam-policy/grammar';
import { UUID } from '../issuer';
import {
  WRITTEN_UUID,
  fixed,
  LETTERS_AND_DIGITS,
  never,
  noSuchRef,
  part,
  refField,
  some,
  text,
  uuidField,
} from './parts';
import { COMMON } from './profile';
import type { IssuerParts, Profile } from './profile';

/** The condition key that CircleCI recommends. STS has it for organizations of circleci.com only. */
export const PROJECT_CLAIM = 'oidc.circleci.com/project-id';

const HOST = 'oidc.circleci.com';

/** Repositories without a scheme: `github.com/acme/app`. None is below another one. */
const ORIGIN: Field = {
  ...some(closed(`${LETTERS_AND_DIGITS}-_./@~+%`), 'git.invalid/fork/fork'),
  excludesNext: true,
  ordinary: /^[^/*?]+(?:\/[^/*?]+){2,}$/,
};

const job = (org: string | null): readonly Segment[] => [
  text('org/'),
  part(org === null ? uuidField : fixed(org), 'org'),
  text('/project/'),
  part(uuidField, 'project'),
  text('/user/'),
  part(uuidField, 'user'),
];

const withSource = (begin: readonly Segment[]): readonly Segment[] => [
  ...begin,
  text('/vcs-origin/'),
  part(ORIGIN, 'origin'),
  text('/vcs-ref/'),
  part(refField(), 'ref'),
];

/** The names of the tokens in a job's environment. */
const V1 = 'CIRCLE_OIDC_TOKEN';
const V2 = 'CIRCLE_OIDC_TOKEN_V2';

function formsOf(org: string | null, isCloudOrg: boolean): readonly TokenForm[] {
  const ordinary = { without: [], origin: 'workload' } as const;
  const begin = job(org);
  return [
    { ...ordinary, name: V1, subject: begin, format: 'older' },
    { ...ordinary, name: V2, subject: withSource(begin), format: 'newer' },
    ...(isCloudOrg && org !== null
      ? [
          {
            name: 'audit log streaming',
            subject: [text('org/'), part(fixed(org), 'org'), text('/file-streaming/audit-logs')],
            without: ['project'],
            format: null,
            origin: 'vendor',
          } as const,
        ]
      : []),
  ];
}

/** The same objects for every org: a search caches what it reads of them. */
const CERTAIN = [noSuchRef('ref'), never('origin', '*//*', '*..*', '/*', '*/', '*/vcs-ref/*')];

const ABSENT_KEYS = new Map([
  ['oidc.circleci.com/vcs-origin', 'origin'],
  ['oidc.circleci.com/vcs-ref', 'ref'],
  ['project-id', 'project'],
  ['project_id', 'project'],
  ['oidc.circleci.com/project_id', 'project'],
]);

const WORKLOAD_KEYS = new Set(
  ['vcs-origin', 'vcs-ref', 'context-ids', 'ssh-rerun', 'pipeline-definition-id'].map(
    (name) => `oidc.circleci.com/${name}`,
  ),
);

const grammarOf = (kind: IssuerGrammar['kind'], org: string | null): IssuerGrammar => ({
  ...COMMON,
  kind,
  nouns: {
    vendor: kind === 'self-hosted' ? 'CircleCI Server' : 'CircleCI',
    tenant: 'organization',
    unit: 'project',
    units: 'Projects',
    workload: 'branch',
    otherWorkloads:
      'builds of a branch, a tag or (if the project passes secrets to forks) a fork that it does not name',
    workloadAdvice:
      'Name the repository (vcs-origin) and the branch (vcs-ref) of the builds that need the role. Only the token CIRCLE_OIDC_TOKEN_V2 has them.',
    anyTenant: 'Any CircleCI customer',
    anyUnit: 'Any project',
  },
  tenant: org,
  issuerOfTenant: kind === 'shared' ? `https://${HOST}/org/ORG_ID` : null,
  forms: formsOf(org, kind === 'tenant'),
  claims: new Map([['project', { field: uuidField, optional: false }]]),
  keys:
    kind === 'tenant'
      ? new Map([
          [PROJECT_CLAIM, { claim: 'project', hint: 'the project id in the settings of the project' }],
        ])
      : new Map(),
  absentKeys: ABSENT_KEYS,
  workloadKeys: WORKLOAD_KEYS,
  certain: CERTAIN,
  scopes: [
    { claim: 'org', scope: 'tenant', isGlobal: true, nature: 'id', written: WRITTEN_UUID },
    { claim: 'project', scope: 'unit', isGlobal: true, nature: 'id', written: WRITTEN_UUID },
  ],
  workloads: ['origin', 'ref'],
  ifNotNamed: new Map([
    [
      'origin',
      'No condition names the repository (vcs-origin): a fork has branches of the same names, and its builds have tokens of the project if the project passes secrets to forks.',
    ],
  ]),
  anyTextAfter: '/vcs-origin/',
  newerFormat: {
    check: 'TRUST007',
    older: V1,
    newer: V2,
    subject: 'a subject that continues with /vcs-origin/',
    effect: `Jobs that use ${V2} cannot log in.`,
    advice: `If jobs use ${V2}, end the pattern with user/* and use StringLike.`,
  },
  isComplete: true,
});

const orgIn = (path: string): string | null => {
  const [, org] = /^\/org\/([^/]+)$/.exec(path) ?? [];
  return org !== undefined && UUID.test(org) ? org.toLowerCase() : null;
};

function match({ host, path }: IssuerParts): IssuerGrammar | null {
  const org = orgIn(path);
  const isCloud = host.name === HOST && host.port === 443;
  if (isCloud && path === '') return grammarOf('shared', null);
  if (org === null) return null;
  return grammarOf(isCloud ? 'tenant' : 'self-hosted', org);
}

/** Issuers of CircleCI: any host whose path is `/org/<uuid>` is taken for a CircleCI Server. */
export const CIRCLECI: Profile = {
  id: 'circleci',
  match,
  defaultAudience: ({ tenant }) => tenant,
  sources: [
    'https://circleci.com/docs/guides/permissions-authentication/openid-connect-tokens/',
    'https://circleci.com/docs/guides/security/audit-logs/',
  ],
};

/** GitLab: gitlab.com and self-managed. */
import { PRINTABLE } from '../../iam-policy/alphabet';
import type { FreeClaim, IssuerGrammar, TokenForm } from '../../iam-policy/grammar';
import {
  NAME,
  PATH,
  REF,
  WRITTEN_NAME,
  WRITTEN_NUMBER,
  WRITTEN_PATH,
  never,
  noSuchRef,
  numberField,
  part,
  some,
  text,
} from './parts';
import { COMMON } from './profile';
import type { IssuerParts, Profile } from './profile';

const form = (name: 'branch' | 'tag'): TokenForm => ({
  name,
  subject: [
    text('project_path:'),
    part(some(NAME), 'group', 'project_path'),
    text('/', 'project_path'),
    part(some(PATH), 'path', 'project_path'),
    text(`:ref_type:${name}:ref:`),
    part(some(REF, 'unnamed'), 'ref'),
  ],
  without: [],
  format: null,
  origin: 'workload',
});

const always = (field: FreeClaim['field']): FreeClaim => ({ field, optional: false });

const CLAIMS: IssuerGrammar['claims'] = new Map([
  ['namespace_id', always(numberField)],
  ['project_id', always(numberField)],
  ['pipeline_source', always(some(NAME))],
  ['ref_protected', always(some(NAME))],
  ['runner_environment', always(some(NAME))],
  ['user_access_level', { field: some(NAME), optional: true }],
  ['user_email', always(some(PRINTABLE))],
  ['user_id', always(numberField)],
  ['user_login', always(some(NAME))],
]);

/** Claims of its tokens that AWS's reference does not list. */
const UNCERTAIN = [
  'project_path',
  'namespace_path',
  'ref',
  'ref_type',
  'ref_path',
  'environment',
  'environment_protected',
  'environment_action',
  'deployment_tier',
  'deployment_action',
  'ci_config_ref_uri',
  'ci_config_sha',
  'job_id',
  'pipeline_id',
  'runner_id',
  'sha',
  'project_visibility',
  'user_identities',
  'groups_direct',
];

const NAMES: IssuerGrammar['scopes'] = [
  { claim: 'group', scope: 'tenant', isGlobal: true, nature: 'name', written: WRITTEN_NAME },
  { claim: 'project_path', scope: 'unit', isGlobal: true, nature: 'name', written: WRITTEN_PATH },
];

const BASE = {
  ...COMMON,
  nouns: {
    vendor: 'GitLab',
    tenant: 'group',
    unit: 'project',
    units: 'Projects',
    workload: 'branch',
    otherWorkloads: 'pipelines of a branch or tag that it does not name',
    anyTenant: 'Any project on GitLab.com',
    anyUnit: 'Any project',
  },
  forms: [form('branch'), form('tag')],
  claims: CLAIMS,
  certain: [noSuchRef('ref'), never('project_path', '*//*', '*/')],
  workloads: ['ref'],
  anyTextAfter: ':ref:',
} as const;

const onGitLabCom: IssuerGrammar = {
  ...BASE,
  kind: 'shared',
  keys: new Map([...CLAIMS.keys()].map((claim) => [claim, { claim, isUnannounced: true }] as const)),
  uncertainKeys: new Set(UNCERTAIN),
  scopes: [
    ...NAMES,
    { claim: 'namespace_id', scope: 'tenant', isGlobal: true, nature: 'id', written: WRITTEN_NUMBER },
    { claim: 'project_id', scope: 'unit', isGlobal: true, nature: 'id', written: WRITTEN_NUMBER },
  ],
};

const selfManaged: IssuerGrammar = {
  ...BASE,
  nouns: { ...BASE.nouns, vendor: 'GitLab self-managed' },
  kind: 'self-hosted',
  scopes: NAMES,
};

function match({ host, path }: IssuerParts): IssuerGrammar | null {
  if (host.name === 'gitlab.com' && host.port === 443 && path === '') return onGitLabCom;
  return /(?:^|[.-])gitlab(?:[.-]|$)/.test(host.name) ? selfManaged : null;
}

/** GitLab CI/CD. */
export const GITLAB: Profile = {
  id: 'gitlab',
  match,
  subjects: /^project_path:/,
  onOwnHost: () => selfManaged,
  defaultAudience: () => null,
  sources: [
    'https://docs.gitlab.com/ci/secrets/id_token_authentication/',
    'https://docs.gitlab.com/ci/cloud_services/aws/',
    'https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html',
  ],
};

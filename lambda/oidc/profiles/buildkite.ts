/** Buildkite. */
import { PRINTABLE } from '../../iam-policy/alphabet';
import type { FreeClaim, IssuerGrammar, TokenForm } from '../../iam-policy/grammar';
import {
  NAME,
  REF,
  WRITTEN_NAME,
  WRITTEN_UUID,
  hexField,
  noSuchRef,
  part,
  perhaps,
  some,
  text,
  uuidField,
} from './parts';
import { COMMON } from './profile';
import type { IssuerParts, Profile } from './profile';

const form = (name: 'branch' | 'tag'): TokenForm => ({
  name,
  subject: [
    text('organization:'),
    part(some(NAME), 'organization'),
    text(':pipeline:'),
    part(some(NAME), 'pipeline'),
    text(':ref:'),
    text(name === 'branch' ? 'refs/heads/' : 'refs/tags/', 'ref'),
    part(some(REF, 'unnamed'), name, 'ref'),
    text(':commit:'),
    part(hexField, 'commit'),
    text(':step:'),
    // A step without a key has none here, either.
    part(perhaps(PRINTABLE), 'step'),
  ],
  without: [],
  format: null,
  origin: 'workload',
});

const always = (field: FreeClaim['field']): FreeClaim => ({ field, optional: false });
const sometimes = (field: FreeClaim['field']): FreeClaim => ({ field, optional: true });

const KEYS = [
  ['organization_slug', 'organization', always(some(NAME))],
  ['organization_id', 'organization_id', always(uuidField)],
  ['pipeline_slug', 'pipeline', always(some(NAME))],
  ['pipeline_id', 'pipeline_id', always(uuidField)],
  ['cluster_name', 'cluster_name', sometimes(some(PRINTABLE))],
  ['cluster_id', 'cluster_id', sometimes(uuidField)],
  ['build_branch', 'branch', always(some(REF, 'unnamed'))],
] as const;

/** Claims of its tokens that AWS's reference does not list. */
const UNCERTAIN = [
  'build_number',
  'build_tag',
  'build_commit',
  'build_source',
  'step_key',
  'job_id',
  'agent_id',
  'queue_id',
  'queue_key',
  'runner_environment',
];

const GRAMMAR: IssuerGrammar = {
  ...COMMON,
  kind: 'shared',
  nouns: {
    vendor: 'Buildkite',
    tenant: 'organization',
    unit: 'pipeline',
    units: 'Pipelines',
    workload: 'branch',
    otherWorkloads: 'builds of a branch or tag that it does not name',
    anyTenant: 'Any Buildkite organization',
    anyUnit: 'Any pipeline',
  },
  forms: [form('branch'), form('tag')],
  claims: new Map(KEYS.map(([, claim, free]) => [claim, free])),
  keys: new Map(KEYS.map(([key, claim]) => [key, { claim, isUnannounced: true }])),
  uncertainKeys: new Set(UNCERTAIN),
  certain: [noSuchRef('ref')],
  scopes: [
    { claim: 'organization', scope: 'tenant', isGlobal: true, nature: 'name', written: WRITTEN_NAME },
    { claim: 'organization_id', scope: 'tenant', isGlobal: true, nature: 'id', written: WRITTEN_UUID },
    { claim: 'cluster_id', scope: 'tenant', isGlobal: true, nature: 'id', written: WRITTEN_UUID },
    { claim: 'pipeline', scope: 'unit', isGlobal: false, nature: 'name', written: WRITTEN_NAME },
    { claim: 'pipeline_id', scope: 'unit', isGlobal: true, nature: 'id', written: WRITTEN_UUID },
  ],
  workloads: ['ref'],
  anyTextAfter: ':ref:',
  hasAwsClaims: true,
};

const match = ({ host, path }: IssuerParts): IssuerGrammar | null =>
  host.name === 'agent.buildkite.com' && host.port === 443 && path === '' ? GRAMMAR : null;

/** Buildkite. */
export const BUILDKITE: Profile = {
  id: 'buildkite',
  match,
  defaultAudience: () => null,
  sources: [
    'https://buildkite.com/docs/agent/v3/cli-oidc',
    'https://buildkite.com/docs/pipelines/security/oidc/aws',
    'https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html',
  ],
};

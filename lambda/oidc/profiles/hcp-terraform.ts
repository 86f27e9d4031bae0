/** HCP Terraform (US and Europe) and Terraform Enterprise. */
import type { IssuerGrammar, Segment, TokenForm } from '../../iam-policy/grammar';
import { NO_COLON, WRITTEN_NAME, fixed, part, some, text } from './parts';
import { COMMON } from './profile';
import type { IssuerParts, Profile } from './profile';

const FIELD = some(NO_COLON);

const PROJECT: readonly Segment[] = [
  text('organization:'),
  part(FIELD, 'organization'),
  text(':project:'),
  part(FIELD, 'project'),
];

const run = (phase: 'plan' | 'apply'): TokenForm => ({
  name: phase === 'plan' ? 'plan, also a speculative plan' : 'apply',
  subject: [
    ...PROJECT,
    text(':workspace:'),
    part(FIELD, 'workspace'),
    text(':run_phase:'),
    // Who names the phase `apply` does not mean `plan`.
    part({ ...fixed(phase), unnamed: phase === 'apply' ? 'plan' : null }, 'run_phase'),
  ],
  without: [],
  format: null,
  // Pull requests start speculative plans.
  origin: phase === 'plan' ? 'pull request' : 'workload',
});

const STACK: TokenForm = {
  name: 'stack',
  subject: [
    ...PROJECT,
    text(':stack:'),
    part(FIELD, 'stack'),
    text(':deployment:'),
    part(some(NO_COLON, 'unnamed'), 'deployment'),
    text(':operation:'),
    part(FIELD, 'operation'),
  ],
  without: [],
  format: null,
  origin: 'workload',
};

const ABSENT_KEYS = new Map([
  ['terraform_organization_name', 'organization'],
  ['terraform_project_name', 'project'],
  ['terraform_workspace_name', 'workspace'],
  ['terraform_run_phase', 'run_phase'],
]);

const grammarOf = (kind: IssuerGrammar['kind'], vendor: string): IssuerGrammar => ({
  ...COMMON,
  kind,
  nouns: {
    vendor,
    tenant: 'organization',
    unit: 'workspace',
    units: 'Workspaces',
    workload: 'run phase',
    otherWorkloads: 'runs of more than one phase, or of a deployment that it does not name,',
    anyTenant: 'Any HCP Terraform organization',
    anyUnit: 'Any workspace',
  },
  forms: [run('apply'), run('plan'), STACK],
  // Names of workspaces and stacks are unique within an organization. Its tokens have ids, but STS has no key for them.
  scopes: [
    { claim: 'organization', scope: 'tenant', isGlobal: true, nature: 'name', written: WRITTEN_NAME },
    { claim: 'workspace', scope: 'unit', isGlobal: false, nature: 'name', written: WRITTEN_NAME },
    { claim: 'stack', scope: 'unit', isGlobal: false, nature: 'name', written: WRITTEN_NAME },
  ],
  workloads: ['run_phase', 'deployment'],
  absentKeys: ABSENT_KEYS,
  workloadKeys: new Set(['terraform_run_phase', 'terraform_stack_deployment_name']),
  anyTextAfter: 'organization:',
  pullRequests: {
    workloads: 'plans, also speculative plans of pull requests,',
    settings: 'By default, HCP Terraform starts no speculative plans for pull requests from forks.',
  },
});

const HOSTS = ['app.terraform.io', 'app.eu.terraform.io'];

const match = ({ host, path }: IssuerParts): IssuerGrammar | null =>
  HOSTS.includes(host.name) && host.port === 443 && path === '' ? grammarOf('shared', 'HCP Terraform') : null;

/** HCP Terraform and Terraform Enterprise. */
export const HCP_TERRAFORM: Profile = {
  id: 'hcp-terraform',
  match,
  subjects: /^organization:[^:]*:project:/,
  onOwnHost: () => grammarOf('self-hosted', 'Terraform Enterprise'),
  defaultAudience: () => 'aws.workload.identity',
  sources: [
    'https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/workload-identity-tokens',
    'https://developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/aws-configuration',
  ],
};

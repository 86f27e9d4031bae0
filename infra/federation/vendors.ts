/** The trust of each vendor, as parts of its subjects and as condition keys. The forms of subjects are in the profiles. */
import { BUILDKITE } from '../../lambda/oidc/profiles/buildkite';
import { GITHUB } from '../../lambda/oidc/profiles/github';
import { GITLAB } from '../../lambda/oidc/profiles/gitlab';
import { HCP_TERRAFORM } from '../../lambda/oidc/profiles/hcp-terraform';
import { KUBERNETES } from '../../lambda/oidc/profiles/kubernetes';
import type { Profile } from '../../lambda/oidc/profiles/profile';
import type { Refusal } from './validate-text';
import type {
  BuildkiteTrust,
  EksTrust,
  GitHubTrust,
  GitLabTrust,
  HcpTerraformTrust,
  OidcTrust,
  OneOrMore,
} from './oidc-props';

/** A kind of issuer that OidcRole knows. */
export interface Vendor {
  readonly name: string;
  readonly profile: Profile;
  /** An issuer of it, for messages. */
  readonly issuer: string;
  /** What its subjects begin with, by which an issuer on a customer's host is recognized. */
  readonly subject: string;
}

/** A prop whose value is written into the subject. */
export interface Part {
  readonly prop: string;
  readonly written: string;
  /** By the names in the profile. */
  readonly values: readonly (readonly [name: string, value: string])[];
  /** What else the text must not be. */
  readonly refusals?: readonly Refusal[];
}

/** A prop whose value is compared by a condition key. A subject may contain it, too. */
export interface Id {
  readonly prop: string;
  readonly key: string;
  readonly value: string | undefined;
  /** What it must be: `a UUID`. */
  readonly kind: string;
  /** Why it is required, and where it is found. Null: without it, the role has a finding. */
  readonly required: string | null;
}

/** What identifies the workloads: alternatives. */
export interface Workloads {
  readonly prop: string;
  readonly name: string;
  readonly values: readonly string[];
  /** How values are written: full refs, refs without `refs/heads/`, one of few words, or names. */
  readonly kind: 'ref' | 'short ref' | 'word' | 'name';
  readonly form?: string;
}

/** One unit of a trust: a repository, a project, a workspace, a pipeline or a service account. */
export interface Unit {
  /** In front of each problem: `trust.github`, or `trust.github[1]`. */
  readonly at: string;
  readonly parts: readonly Part[];
  readonly ids: readonly Id[];
  readonly workloads: Workloads;
}

/** A trust, whatever its vendor. */
export interface TrustOfVendor {
  readonly vendor: Vendor;
  readonly units: readonly Unit[];
}

type UnitWithoutPlace = Omit<Unit, 'at'>;

const VENDORS = {
  github: {
    name: 'GitHub Actions',
    profile: GITHUB,
    issuer: 'https://token.actions.githubusercontent.com',
    subject: 'repo:',
  },
  gitlab: { name: 'GitLab', profile: GITLAB, issuer: 'https://gitlab.com', subject: 'project_path:' },
  hcpTerraform: {
    name: 'HCP Terraform',
    profile: HCP_TERRAFORM,
    issuer: 'https://app.terraform.io',
    subject: 'organization:o:project:',
  },
  buildkite: {
    name: 'Buildkite',
    profile: BUILDKITE,
    issuer: 'https://agent.buildkite.com',
    subject: 'organization:',
  },
  eks: {
    name: 'Amazon EKS',
    profile: KUBERNETES,
    issuer: 'https://oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF',
    subject: 'system:serviceaccount:',
  },
} as const satisfies Record<string, Vendor>;

/** The vendors that a trust names: exactly one, unless the props are wrong. */
export const trustsOf = (trust: OidcTrust): readonly TrustOfVendor[] => [
  ...('github' in trust ? [trustOf('github', trust.github, githubUnit)] : []),
  ...('gitlab' in trust ? [trustOf('gitlab', trust.gitlab, gitlabUnit)] : []),
  ...('hcpTerraform' in trust ? [trustOf('hcpTerraform', trust.hcpTerraform, hcpTerraformUnit)] : []),
  ...('buildkite' in trust ? [trustOf('buildkite', trust.buildkite, buildkiteUnit)] : []),
  ...('eks' in trust ? [trustOf('eks', trust.eks, eksUnit)] : []),
];

/** In the order of messages. */
export const VENDOR_KEYS = Object.keys(VENDORS);

function trustOf<T>(
  key: keyof typeof VENDORS,
  given: OneOrMore<T>,
  unitOf: (one: T) => UnitWithoutPlace,
): TrustOfVendor {
  const units = isList(given)
    ? given.map((one, index) => ({ at: `trust.${key}[${index}]`, ...unitOf(one) }))
    : [{ at: `trust.${key}`, ...unitOf(given) }];
  return { vendor: VENDORS[key], units };
}

const part = (prop: string, name: string, written: string): Part => ({
  prop,
  written,
  values: [[name, written]],
});

const isList = <T>(given: OneOrMore<T>): given is readonly T[] => Array.isArray(given);

const githubId = (prop: string, key: string, value: string | undefined, field: string): Id => ({
  prop,
  key,
  value,
  kind: 'a number',
  required: `Subjects of newer repositories contain it, and whoever registers the name later has another one. To see it: gh api repos/OWNER/NAME --jq ${field}`,
});

const githubUnit = ({
  owner,
  repository,
  ownerId,
  repositoryId,
  refs,
  environments,
}: GitHubTrust): UnitWithoutPlace => ({
  parts: [part('owner', 'owner', owner), part('repository', 'name', repository)],
  ids: [
    githubId('ownerId', 'repository_owner_id', ownerId, '.owner.id'),
    githubId('repositoryId', 'repository_id', repositoryId, '.id'),
  ],
  workloads:
    refs === undefined
      ? { prop: 'environments', name: 'environment', values: environments, kind: 'name' }
      : { prop: 'refs', name: 'ref', values: refs, kind: 'ref' },
});

const NO_PROJECT_PATH: Refusal = {
  holds: (text) => !/^[^/]+(?:\/[^/]+)+$/.test(text),
  words: 'is not the path of a project. Write it with all groups, such as acme/backend/app.',
};

/** The first group is the tenant, so the profile has it apart. */
function gitlabUnit({ projectPath, projectId, refType, refs }: GitLabTrust): UnitWithoutPlace {
  const [group = '', ...path] = projectPath.split('/');
  return {
    parts: [
      {
        prop: 'projectPath',
        written: projectPath,
        values: [
          ['group', group],
          ['path', path.join('/')],
        ],
        refusals: [NO_PROJECT_PATH],
      },
    ],
    ids: [{ prop: 'projectId', key: 'project_id', value: projectId, kind: 'a number', required: null }],
    workloads: { prop: 'refs', name: 'ref', values: refs, kind: 'short ref', form: refType },
  };
}

const hcpTerraformUnit = ({
  organization,
  project,
  workspace,
  runPhases,
}: HcpTerraformTrust): UnitWithoutPlace => ({
  parts: [
    part('organization', 'organization', organization),
    ...(project === undefined ? [] : [part('project', 'project', project)]),
    part('workspace', 'workspace', workspace),
  ],
  ids: [],
  workloads: { prop: 'runPhases', name: 'run_phase', values: runPhases, kind: 'word' },
});

const buildkiteUnit = ({ organization, pipeline, pipelineId, refs }: BuildkiteTrust): UnitWithoutPlace => ({
  parts: [part('organization', 'organization', organization), part('pipeline', 'pipeline', pipeline)],
  ids: [
    {
      prop: 'pipelineId',
      key: 'pipeline_id',
      value: pipelineId,
      kind: 'a UUID in lower case',
      required: null,
    },
  ],
  workloads: { prop: 'refs', name: 'ref', values: refs, kind: 'ref' },
});

const eksUnit = ({ namespace, serviceAccount }: EksTrust): UnitWithoutPlace => ({
  parts: [part('namespace', 'namespace', namespace)],
  ids: [],
  workloads: { prop: 'serviceAccount', name: 'service account', values: [serviceAccount], kind: 'name' },
});

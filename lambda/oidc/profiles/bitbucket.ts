/** Bitbucket Pipelines: one issuer per workspace. */
import type { IssuerGrammar, Segment, TokenForm } from '../../iam-policy/grammar';
import { WRITTEN_UUID, never, part, text, uuidField } from './parts';
import { COMMON } from './profile';
import type { IssuerParts, Profile } from './profile';

const PATH = /^\/2\.0\/workspaces\/[^/]+\/pipelines-config\/identity\/oidc$/;
const AUDIENCE = /^ari:cloud:bitbucket::workspace\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

const braces = (...segments: readonly Segment[]): readonly Segment[] => [text('{'), ...segments, text('}')];
const REPOSITORY = braces(part(uuidField, 'repository'));
const STEP = braces(part(uuidField, 'step'));
const ENVIRONMENT = braces(part(uuidField, 'environment'));

const form = (name: string, ...parts: readonly (readonly Segment[])[]): TokenForm => ({
  name,
  subject: parts.flatMap((one, index) => (index === 0 ? one : [text(':'), ...one])),
  without: [],
  format: null,
  origin: 'workload',
});

/**
 * `{repository}:{step}` or, for deployments, `{repository}:{environment}:{step}`. Some sources put the workspace in front of
 * the repository; its UUID is that of the audience.
 */
const formsOf = (workspaces: readonly string[]): readonly TokenForm[] => [
  form('step', REPOSITORY, STEP),
  form('deployment', REPOSITORY, ENVIRONMENT, STEP),
  ...workspaces.flatMap((workspace) => [
    form('step, with its workspace', braces(text(workspace)), REPOSITORY, STEP),
    form('deployment, with its workspace', braces(text(workspace)), REPOSITORY, ENVIRONMENT, STEP),
  ]),
];

function match({ host, path, audiences }: IssuerParts): IssuerGrammar | null {
  if (host.name !== 'api.bitbucket.org' || host.port !== 443 || !PATH.test(path)) return null;
  const workspaces = (audiences ?? []).flatMap((audience) => AUDIENCE.exec(audience)?.[1] ?? []);
  return {
    ...COMMON,
    kind: 'tenant',
    nouns: {
      vendor: 'Bitbucket Pipelines',
      tenant: 'workspace',
      unit: 'repository',
      units: 'Repositories',
      workload: null,
      otherWorkloads: null,
      anyTenant: 'Any Bitbucket workspace',
      anyUnit: 'Any repository',
    },
    forms: formsOf(workspaces),
    certain: workspaces.length === 0 ? [] : [never('repository', ...workspaces)],
    scopes: [{ claim: 'repository', scope: 'unit', isGlobal: true, nature: 'id', written: WRITTEN_UUID }],
    workloads: [],
  };
}

/** Bitbucket Pipelines. */
export const BITBUCKET: Profile = {
  id: 'bitbucket',
  match,
  defaultAudience: () => null,
  sources: [
    'https://support.atlassian.com/bitbucket-cloud/docs/integrate-pipelines-with-resource-servers-using-oidc/',
    'https://support.atlassian.com/bitbucket-cloud/docs/deploy-on-aws-using-bitbucket-pipelines-openid-connect/',
  ],
};

/** Issuers of whose tokens little is known: what they say about their tenants, if anything. */
import type { IssuerGrammar } from '../../iam-policy/grammar';
import { NAME, WRITTEN_NAME, WRITTEN_NUMBER, numberField, part, some, text } from './parts';
import { COMMON } from './profile';
import type { IssuerParts, Profile } from './profile';

const at = ({ host, path }: IssuerParts, name: string, wanted = ''): boolean =>
  host.name === name && host.port === 443 && path === wanted;

const NOTHING_KNOWN = { ...COMMON, forms: [], scopes: [], workloads: [] } as const;

const PULUMI_GRAMMAR: IssuerGrammar = {
  ...NOTHING_KNOWN,
  kind: 'shared',
  nouns: {
    vendor: 'Pulumi',
    tenant: 'organization',
    unit: 'environment',
    units: 'Environments',
    workload: null,
    otherWorkloads: null,
    anyTenant: 'Any Pulumi organization',
    anyUnit: 'Any environment',
  },
  audience: 'tenant',
};

/** Pulumi ESC and Deployments: the audience names the organization, alone or as `aws:<organization>`. */
export const PULUMI: Profile = {
  id: 'pulumi',
  match: (issuer) => (at(issuer, 'api.pulumi.com', '/oidc') ? PULUMI_GRAMMAR : null),
  defaultAudience: () => null,
  sources: ['https://www.pulumi.com/docs/pulumi-cloud/access-management/oidc/provider/aws/'],
};

const AUDIT_LOG_GRAMMAR: IssuerGrammar = {
  ...COMMON,
  kind: 'shared',
  nouns: {
    vendor: 'GitHub audit log streaming',
    tenant: 'enterprise',
    unit: 'enterprise',
    units: 'Enterprises',
    workload: null,
    otherWorkloads: null,
    anyTenant: 'Any GitHub enterprise',
    anyUnit: 'Any enterprise',
  },
  forms: [
    {
      name: 'stream',
      subject: [text('https://github.com/'), part(some(NAME), 'enterprise')],
      without: [],
      format: null,
      origin: 'workload',
    },
  ],
  scopes: [{ claim: 'enterprise', scope: 'unit', isGlobal: true, nature: 'name', written: WRITTEN_NAME }],
  workloads: [],
};

/** GitHub's streaming of audit logs to S3. */
export const GITHUB_AUDIT_LOG: Profile = {
  id: 'github-audit-log',
  match: (issuer) =>
    at(issuer, 'oidc-configuration.audit-log.githubusercontent.com') ? AUDIT_LOG_GRAMMAR : null,
  defaultAudience: () => 'sts.amazonaws.com',
  sources: [
    'https://docs.github.com/en/enterprise-cloud@latest/admin/monitoring-activity-in-your-enterprise/reviewing-audit-logs-for-your-enterprise/streaming-the-audit-log-for-your-enterprise',
  ],
};

/** AWS itself trusts Google: roles name it without a provider of the account. */
export const GOOGLE_PRINCIPAL = 'accounts.google.com';

const GOOGLE_GRAMMAR: IssuerGrammar = {
  ...COMMON,
  kind: 'shared',
  nouns: {
    vendor: 'Google',
    tenant: 'organization',
    unit: 'service account',
    units: 'Service accounts',
    workload: null,
    otherWorkloads: null,
    anyTenant: 'Any Google account',
    anyUnit: 'Any service account',
  },
  forms: [
    {
      name: 'account',
      subject: [part(numberField, 'account')],
      without: [],
      format: null,
      origin: 'workload',
    },
  ],
  claims: new Map([['organization_number', { field: numberField, optional: true }]]),
  keys: new Map([['google/organization_number', { claim: 'organization_number' }]]),
  scopes: [
    {
      claim: 'organization_number',
      scope: 'tenant',
      isGlobal: true,
      nature: 'id',
      written: WRITTEN_NUMBER,
    },
    { claim: 'account', scope: 'unit', isGlobal: true, nature: 'id', written: WRITTEN_NUMBER },
  ],
  workloads: [],
};

/** Google accounts and service accounts, by their numeric id. */
export const GOOGLE: Profile = {
  id: 'google',
  match: (issuer) => (at(issuer, GOOGLE_PRINCIPAL) ? GOOGLE_GRAMMAR : null),
  defaultAudience: () => null,
  sources: [
    'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html',
    'https://cloud.google.com/iam/docs/create-short-lived-credentials-direct',
  ],
};

/** AWS itself also trusts identity pools of Amazon Cognito, those of all its customers. */
export const COGNITO_PRINCIPAL = 'cognito-identity.amazonaws.com';

/** Vendors whose issuers are recognized by their hosts, although their tokens are not known. */
const VENDORS: readonly (readonly [RegExp, string])[] = [
  [/(?:^|\.)okta(?:preview)?\.com$/, 'Okta'],
  [/(?:^|\.)auth0\.com$/, 'Auth0'],
  [/^(?:login\.microsoftonline\.com|sts\.windows\.net)$/, 'Microsoft Entra ID'],
  [/^vstoken\.dev\.azure\.com$/, 'Azure DevOps'],
  [/^cognito-identity\.amazonaws\.com$/, 'Amazon Cognito'],
  [/^cognito-idp\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?$/, 'Amazon Cognito'],
  [/\.tokens\.sts\.global\.api\.aws$/, 'AWS'],
  [/(?:^|\.)app\.spacelift\.io$/, 'Spacelift'],
  [/(?:^|\.)scalr\.io$/, 'Scalr'],
  [/^oidc\.codefresh\.io$/, 'Codefresh'],
  [/^oidc\.fly\.io$/, 'Fly.io'],
];

/** The grammar of an issuer whose tokens are not known. */
export function unknownGrammar({ host }: IssuerParts): IssuerGrammar {
  const vendor = VENDORS.find(([pattern]) => pattern.test(host.name))?.[1] ?? host.name;
  return {
    ...NOTHING_KNOWN,
    kind: 'tenant',
    nouns: {
      vendor,
      tenant: 'tenant',
      unit: 'subject',
      units: 'Subjects',
      workload: null,
      otherWorkloads: null,
      anyTenant: 'Anyone for whom the issuer signs tokens',
      anyUnit: 'Anyone for whom the issuer signs tokens',
    },
    hasAwsClaims: true,
  };
}

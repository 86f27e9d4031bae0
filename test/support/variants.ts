/** Stacks as differently as people deploy them: the rules on templates must hold for each. */
import type { FederationStackProps } from '../../infra/federation/federation-stack';
import type { ThumbprintMonitorProps } from '../../infra/monitor/props';

export const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
export const PROJECT = '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d58';

/** The monitor's. */
export const VARIANTS: readonly (readonly [string, ThumbprintMonitorProps])[] = [
  ['the defaults', { emails: ['you@example.com'] }],
  [
    'everything',
    {
      orgs: [ORG],
      issuers: ['https://ci.example.com'],
      emails: ['you@example.com'],
      update: 'guarded',
      topicKey: true,
      chat: true,
      dashboard: true,
    },
  ],
  [
    'all providers',
    { update: 'enforced-only', discover: 'all', updateIssuers: ['https://gitlab.com'], auditTrust: false },
  ],
  ['an existing topic', { topicArn: 'arn:aws:sns:eu-west-1:123456789012:central' }],
];

/** The federation's. */
export const FEDERATIONS: readonly (readonly [string, FederationStackProps])[] = [
  [
    'an own provider',
    {
      org: ORG,
      project: PROJECT,
      origin: 'github.com/acme/app',
      ref: ['refs/heads/main', 'refs/tags/v*'],
      repository: 'team/app',
    },
  ],
  [
    'an existing provider',
    {
      provider: `arn:aws:iam::123456789012:oidc-provider/ci.example.com/org/${ORG}`,
      project: PROJECT,
    },
  ],
];

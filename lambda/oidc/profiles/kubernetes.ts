/** Service accounts of Kubernetes: Amazon EKS, and clusters elsewhere. */
import { closed } from '../../iam-policy/alphabet';
import type { IssuerGrammar } from '../../iam-policy/grammar';
import { LABEL, WRITTEN_NAME, part, some, text } from './parts';
import { COMMON } from './profile';
import type { IssuerParts, Profile } from './profile';

const SERVICE_ACCOUNT = closed('abcdefghijklmnopqrstuvwxyz0123456789-.');

const grammarOf = (vendor: string, isComplete: boolean): IssuerGrammar => ({
  ...COMMON,
  kind: 'tenant',
  nouns: {
    vendor,
    tenant: 'cluster',
    unit: 'namespace',
    units: 'Namespaces',
    workload: 'service account',
    otherWorkloads: 'service accounts that it does not name',
    anyTenant: 'Any cluster',
    anyUnit: 'Any namespace',
  },
  forms: [
    {
      name: 'service account',
      subject: [
        text('system:serviceaccount:'),
        part(some(LABEL), 'namespace'),
        text(':'),
        part(some(SERVICE_ACCOUNT, 'unnamed'), 'service account'),
      ],
      without: [],
      format: null,
      origin: 'workload',
    },
  ],
  scopes: [{ claim: 'namespace', scope: 'unit', isGlobal: true, nature: 'name', written: WRITTEN_NAME }],
  workloads: ['service account'],
  workloadKeys: new Set(['kubernetes.io/serviceaccount/name']),
  isComplete,
});

const EKS = grammarOf('Amazon EKS', true);
const OTHER = grammarOf('Kubernetes', false);

/** With IPv4 endpoints, and dual-stack, in all partitions. */
const EKS_HOST =
  /^oidc(?:\.eks\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?|-eks\.[a-z0-9-]+\.api\.(?:aws|amazonwebservices\.(?:com\.cn|eu)))$/;
const OTHER_HOST = /^(?:container\.googleapis\.com|(?:[a-z0-9-]+\.)*oic\.prod-aks\.azure\.com)$/;

function match({ host, path }: IssuerParts): IssuerGrammar | null {
  if (host.port !== 443) return null;
  if (EKS_HOST.test(host.name) && /^\/id\/[0-9a-f]+$/i.test(path)) return EKS;
  return OTHER_HOST.test(host.name) ? OTHER : null;
}

/** Kubernetes. */
export const KUBERNETES: Profile = {
  id: 'kubernetes',
  match,
  subjects: /^system:serviceaccount:/,
  onOwnHost: () => OTHER,
  defaultAudience: () => 'sts.amazonaws.com',
  sources: [
    'https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html',
    'https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/',
  ],
};

/** Issuers of the public internet whose certificates come from public authorities. */
import type { Host } from './types';

/**
 * Names of such hosts, at port 443. A star matches one or more whole labels at the beginning of a name, and
 * exactly one label inside of it, so that no pattern matches a part of a label. A chain of theirs that is not
 * publicly trusted means that our own path is intercepted, so private trust anchors never apply to them.
 */
export const PUBLIC_HOST_PATTERNS: readonly string[] = [
  'oidc.circleci.com',
  'token.actions.githubusercontent.com',
  'oidc-configuration.audit-log.githubusercontent.com',
  'vstoken.actions.githubusercontent.com',
  '*.ghe.com',
  'gitlab.com',
  'app.terraform.io',
  'app.eu.terraform.io',
  'agent.buildkite.com',
  'api.bitbucket.org',
  'oidc.eks.*.amazonaws.com',
  'oidc.eks.*.amazonaws.com.cn',
  'oidc-eks.*.api.aws',
  'oidc-eks.*.api.amazonwebservices.com.cn',
  'oidc-eks.*.api.amazonwebservices.eu',
  'cognito-idp.*.amazonaws.com',
  '*.tokens.sts.global.api.aws',
  'accounts.google.com',
  'container.googleapis.com',
  '*.oic.prod-aks.azure.com',
  'login.microsoftonline.com',
  'sts.windows.net',
  'vstoken.dev.azure.com',
  '*.okta.com',
  '*.oktapreview.com',
  '*.auth0.com',
  'oidc.vercel.com',
  'api.pulumi.com',
  '*.app.spacelift.io',
  '*.scalr.io',
  'oidc.fly.io',
  'appleid.apple.com',
  'oidc.codefresh.io',
  'studio.datachain.ai',
];

const LABEL = '[a-z0-9_-]+';

const PATTERNS = PUBLIC_HOST_PATTERNS.map((pattern) => {
  const source = pattern
    .replaceAll('.', '\\.')
    .replace(/^\*/, `${LABEL}(?:\\.${LABEL})*`)
    .replaceAll('.*\\', `.${LABEL}\\`);
  return new RegExp(`^${source}$`, 'i');
});

/** Whether a host is a well-known issuer of the public internet. A name may end in the root's dot. */
export const isKnownPublicHost = ({ name, port }: Host): boolean =>
  port === 443 && PATTERNS.some((pattern) => pattern.test(name.replace(/\.$/, '')));

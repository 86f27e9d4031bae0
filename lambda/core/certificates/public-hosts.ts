/** Issuers of the public internet whose certificates come from public authorities. */
import type { Host } from '../domain';

/**
 * host:port of well-known issuers. A chain of theirs that is not publicly trusted means that our own path is
 * intercepted, so private trust anchors never apply to them.
 */
export const KNOWN_PUBLIC_HOSTS: readonly string[] = [
  'oidc.circleci.com:443',
  'token.actions.githubusercontent.com:443',
  'gitlab.com:443',
  'app.terraform.io:443',
  'api.bitbucket.org:443',
  'agent.buildkite.com:443',
  'vstoken.dev.azure.com:443',
  'api.pulumi.com:443',
  'oidc.vercel.com:443',
  'oidc.fly.io:443',
  'accounts.google.com:443',
  'login.microsoftonline.com:443',
  'sts.windows.net:443',
  'appleid.apple.com:443',
];

/** Whether a host is a well-known issuer of the public internet. */
export const isKnownPublicHost = ({ name, port }: Host): boolean =>
  KNOWN_PUBLIC_HOSTS.includes(`${name}:${port}`);

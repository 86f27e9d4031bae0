/** The providers that random policies are written for, and the tokens that CircleCI signs for them. */
import type { Random } from '../support/random';

/** An OIDC provider of CircleCI in IAM. */
export interface Provider {
  /** `cloud`: an org of circleci.com. `server`: an org of a CircleCI Server. `root`: all orgs of circleci.com. */
  readonly kind: 'cloud' | 'server' | 'root';
  readonly arn: string;
  /** Its URL without `https://`: what condition keys begin with. */
  readonly url: string;
  /** Null: any. */
  readonly org: string | null;
  /** `ClientIDList`; null: not known. */
  readonly audiences: readonly string[] | null;
  /** Its tokens may have the claims for session tags and roles, which CircleCI's do not have. */
  readonly mayHaveAwsClaims?: true;
}

/** What a caller sends to STS, as far as trust policies ask for it. */
export interface LoginRequest {
  readonly sub: string;
  readonly org: string;
  readonly project: string;
  /** Null: not known. */
  readonly aud: string | null;
  /** The caller chooses it. */
  readonly sessionName: string;
  /** Which addresses the caller comes from. */
  readonly network: 'IPv4' | 'IPv6';
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/** The two documented forms: https://circleci.com/docs/guides/permissions-authentication/openid-connect-tokens/. */
const SUBJECT = new RegExp(
  `^org/(${UUID})/project/(${UUID})/user/${UUID}(?:/vcs-origin/(.+/vcs-ref/.+))?$`,
  's',
);

/** Where the origin ends and the ref begins: both may contain the text between them. */
const hasSource = (text: string): boolean =>
  [...text.matchAll(/\/vcs-ref\//g)].some(
    ({ 0: between, index }) => isOrigin(text.slice(0, index)) && isRef(text.slice(index + between.length)),
  );

/** A repository without a scheme: a host, and a path. None is called like the text that follows it. */
const isOrigin = (text: string): boolean =>
  text.split('/').every((part) => /^[\w.@~+%-]+$/.test(part) && !part.includes('..') && part !== 'vcs-ref');

/** https://git-scm.com/docs/git-check-ref-format */
function isRef(text: string): boolean {
  const parts = text.split('/');
  return (
    parts.length > 1 &&
    parts[0] === 'refs' &&
    parts.every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock')) &&
    !/\.\.|@\{|\.$|[\s\p{Cc}~^:?*[\\]/u.test(text)
  );
}

/** Org and project of a subject; null if CircleCI signs no such token for the provider. */
export function subjectOf(
  provider: Provider,
  sub: string,
): { readonly org: string; readonly project: string } | null {
  const [, org, project, source] = SUBJECT.exec(sub) ?? [];
  if (org === undefined || project === undefined) return null;
  if (source !== undefined && !hasSource(source)) return null;
  return provider.org === null || provider.org === org ? { org, project } : null;
}

/** The form of a subject. */
export const formOf = (sub: string): 'V1' | 'V2' => (sub.includes('/vcs-origin/') ? 'V2' : 'V1');

/** Whose tokens AWS accepts in every account, and which no generated policy names. */
export const STRANGER: Provider = {
  kind: 'server',
  arn: 'www.amazon.com',
  url: 'www.amazon.com',
  org: null,
  audiences: null,
  mayHaveAwsClaims: true,
};

/** A random id. Not version 4: any hexadecimal digits. */
export const uuid = (random: Random): string =>
  [8, 4, 4, 4, 12].map((length) => digits(random, length)).join('-');

const digits = (random: Random, length: number): string =>
  Array.from({ length }, () => random.between(0, 15).toString(16)).join('');

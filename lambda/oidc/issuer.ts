/** Issuers as URLs: their form, their names in IAM, and which are CircleCI's. */
import type { Host } from '../domain/types';
import { count } from '../text/layout';
import { quote } from '../text/quote';
import type { Parsed } from '../domain/result';

/** A normalised issuer, or what is wrong with the text and what to do. */
export type ParsedIssuer = Parsed<string>;

/** A CircleCI org id in lower case, or what is wrong with the text and what to do. */
export type ParsedOrg = Parsed<string>;

/** A CircleCI project id in lower case, or what is wrong with the text and what to do. */
export type ParsedProject = Parsed<string>;

/** `Url` of CreateOpenIDConnectProvider: 1 to 255 characters. */
const MAX_CHARACTERS = 255;

/** The first that holds is reported. The later ones rely on the earlier ones. */
const REFUSALS: readonly { readonly holds: (text: string) => boolean; readonly words: string }[] = [
  {
    holds: (text) => !/^https:\/\/[^/]/i.test(text),
    words: 'it must begin with https:// and a host. IAM accepts nothing else.',
  },
  {
    holds: (text) => /[\s\p{C}\\]/u.test(text),
    words: 'it contains white space, a backslash or an invisible character. Remove it.',
  },
  {
    holds: (text) => /[?#]/.test(text),
    words: 'it has a query or a fragment. Remove everything from ? or # on.',
  },
  {
    holds: (text) => /^https:\/\/[^/]*@/i.test(text),
    words: 'it has a user name or password. Remove everything up to the @.',
  },
  { holds: (text) => !URL.canParse(text), words: 'its host or port is not valid.' },
  {
    holds: (text) => new URL(text).pathname !== pathIn(text),
    words:
      'its path contains "." or ".." segments, or characters that must be percent-encoded. Write it exactly as in the claim iss of a token.',
  },
];

const pathIn = (text: string): string => text.replace(/^https:\/\/[^/]*/i, '') || '/';

/**
 * Validates the text of an issuer URL: https, no userinfo, query or fragment, at most 255 characters. Host in
 * lower case, no default port. OIDC compares issuers character by character (OpenID Connect Core 1.0 section
 * 3.1.3.7), so a path stays as it is, and so does a slash at its end: some issuers have one.
 */
export function parseIssuer(text: string): ParsedIssuer {
  const refuse = (words: string): ParsedIssuer => ({
    ok: false,
    problem: `${quote(text)} is not an issuer URL: ${words}`,
  });
  const refusal = REFUSALS.find(({ holds }) => holds(text));
  if (refusal !== undefined) return refuse(refusal.words);
  const { origin, pathname } = new URL(text);
  const issuer = /^https:\/\/[^/]+$/i.test(text) ? origin : `${origin}${pathname}`;
  return issuer.length > MAX_CHARACTERS
    ? refuse(`it has ${issuer.length} characters; IAM accepts at most ${MAX_CHARACTERS}.`)
    : { ok: true, value: issuer };
}

/** As CircleCI writes the ids of orgs and projects. */
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const UUID_CHARACTERS = 36;

/**
 * Validates the text of a CircleCI org id, a UUID. Ids in some articles and examples have one digit too many.
 */
export const parseOrgId = (text: string): ParsedOrg =>
  UUID.test(text)
    ? { ok: true, value: text.toLowerCase() }
    : { ok: false, problem: noUuid(text, 'org', 'Organization Settings > Overview') };

/** Validates the text of a CircleCI project id, a UUID. */
export const parseProjectId = (text: string): ParsedProject =>
  UUID.test(text)
    ? { ok: true, value: text.toLowerCase() }
    : { ok: false, problem: noUuid(text, 'project', 'Project Settings > Overview') };

function noUuid(text: string, kind: string, location: string): string {
  const words =
    text.length === UUID_CHARACTERS
      ? 'a UUID has 8-4-4-4-12 hex digits.'
      : `it has ${count(text.length, 'character')}, a UUID has ${UUID_CHARACTERS}.`;
  return `${quote(text)} is not a CircleCI ${kind} id: ${words} Copy it from ${location}.`;
}

const CIRCLECI_HOST = 'oidc.circleci.com';

/** The issuer of an org on circleci.com. */
export const circleCiIssuer = (orgId: string): string =>
  `https://${CIRCLECI_HOST}/org/${orgId.toLowerCase()}`;

/**
 * The org id in an issuer whose path is `/org/<uuid>`, on any host (CircleCI Server has its own); else null.
 */
export function circleCiOrgOf(issuer: string): string | null {
  const [, org] = /^\/org\/([^/]+)$/.exec(new URL(issuer).pathname) ?? [];
  return org !== undefined && UUID.test(org) ? org : null;
}

/**
 * CircleCI: the host oidc.circleci.com, or a configured issuer whose path is `/org/<uuid>` (CircleCI Server).
 */
export function isCircleCi(issuer: string, configuredIssuers: readonly string[]): boolean {
  const { name, port } = hostOf(issuer);
  if (name === CIRCLECI_HOST && port === 443) return true;
  return configuredIssuers.includes(issuer) && circleCiOrgOf(issuer) !== null;
}

/**
 * The host that serves a URL, in lower case; IPv6 literals without brackets. Throws TypeError if it is no
 * URL.
 */
export function hostOf(url: string): Host {
  const { hostname, port } = new URL(url);
  return { name: hostname.replaceAll(/[[\]]/g, ''), port: port === '' ? 443 : Number(port) };
}

/** The URL of an issuer's discovery document: OpenID Connect Discovery 1.0 section 4. */
export const discoveryUrl = (issuer: string): URL =>
  new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);

const ARN = /^arn:([a-z0-9-]+):([^:]*):[^:]*:([^:]*):(.+)$/s;

/** The partition that an ARN names (`aws`, `aws-cn`, `aws-us-gov`, …), or null if it is no ARN. */
export const partitionOfArn = (arn: string): string | null => ARN.exec(arn)?.[1] ?? null;

/** The 12-digit account that an ARN names, or null. */
export function accountOfArn(arn: string): string | null {
  const account = ARN.exec(arn)?.[3];
  return account !== undefined && /^\d{12}$/.test(account) ? account : null;
}

/**
 * The issuer that an OIDC provider's ARN names, or null if it is no such ARN. Exactly as the account has it,
 * case and slashes included, because STS compares it in this form with the token's `iss`.
 */
export function issuerOfProviderArn(arn: string): string | null {
  const [, , service, , resource = ''] = ARN.exec(arn) ?? [];
  const [, path] = /^oidc-provider\/(.+)/s.exec(resource) ?? [];
  if (service !== 'iam' || path === undefined || accountOfArn(arn) === null) return null;
  const issuer = `https://${path}`;
  return URL.canParse(issuer) ? issuer : null;
}

export { isKnownPublicHost } from '../domain/public-hosts';

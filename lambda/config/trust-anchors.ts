/** Private certificate authorities that people name for their own hosts. */
import { hostOf, isKnownPublicHost } from '../oidc/issuer';
import { readBundle } from './pem';
import { quote, show } from '../text/quote';
import type { Result } from '../domain/result';

/** `host:port` → PEM bundle. IPv6 hosts are in brackets, as in URLs. */
export type TrustAnchors = Readonly<Record<string, string>>;

/** Anchors as written, or what is wrong with them. */
export type ValidatedAnchors = Result<TrustAnchors, { readonly problems: readonly string[] }>;

/**
 * The hosts to which anchors may belong: those of the configured issuers, and of all providers if all are
 * watched.
 */
export interface AnchorScope {
  readonly issuers: readonly string[];
  readonly discoversAll: boolean;
}

/**
 * Validates the key `trustAnchors`: one PEM bundle for the hosts of all configured issuers, or an object host
 * → PEM. An object may name more hosts than the issuers have, since keys may be served elsewhere
 * (`jwks_uri`), but if it names none of theirs, it is a mistake. `scope` null: the issuers have problems of
 * their own, so the scope is not validated. `now` null: whether anchors are valid now is not checked.
 */
export function validateTrustAnchors(
  value: unknown,
  scope: AnchorScope | null,
  now: Date | null = null,
): ValidatedAnchors {
  if (value === undefined) return { ok: true, value: {} };
  if (typeof value === 'string') return validateBundle(value, scope, now);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refusedAnchors(
      `must be a PEM bundle, or an object such as {"ci.example.com": "<PEM>"}; it is ${show(value)}.`,
    );
  }
  return validateHosts(Object.entries(value), scope, now);
}

const refusedAnchors = (...problems: readonly string[]): ValidatedAnchors => ({
  ok: false,
  problems: problems.map((problem) => `trustAnchors: ${problem}`),
});

/** The hosts of issuers to which anchors may apply. */
const privateHosts = (issuers: readonly string[]): readonly string[] => [
  ...new Set(issuers.filter((issuer) => !isKnownPublicHost(hostOf(issuer))).map(anchorKey)),
];

/** IPv6 literals retain their brackets, so that the port is unambiguous. */
function anchorKey(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port === '' ? '443' : port}`;
}

function validateBundle(text: string, scope: AnchorScope | null, now: Date | null): ValidatedAnchors {
  const pem = readBundle(text, now);
  if (!pem.ok) return refusedAnchors(pem.problem);
  const hosts = scope === null ? [] : privateHosts(scope.issuers);
  if (scope !== null && hosts.length === 0) {
    return refusedAnchors(
      'applies to no host: no issuer is configured, or only well-known public ones. Add your issuer to issuers, or write {"host": "<PEM>"}.',
    );
  }
  return { ok: true, value: Object.fromEntries(hosts.map((host) => [host, pem.value])) };
}

function validateHosts(
  entries: readonly (readonly [string, unknown])[],
  scope: AnchorScope | null,
  now: Date | null,
): ValidatedAnchors {
  const validated = entries.map(([host, pem]) => validateHost(host, pem, now));
  const good = validated.flatMap((one) => (one.ok ? [one.value] : []));
  const keys = good.map(({ key }) => key);
  const problems = [
    ...validated.flatMap((one) => (one.ok ? [] : [`trustAnchors[${quote(one.host)}]: ${one.problem}`])),
    ...new Set(
      keys
        .filter((key, index) => keys.indexOf(key) !== index)
        .map((key) => `trustAnchors: names ${key} more than once. Put all its certificates into one bundle.`),
    ),
  ];
  if (problems.length > 0) return { ok: false, problems };
  if (scope !== null && !scope.discoversAll && keys.length > 0 && !coversAny(keys, scope.issuers)) {
    return refusedAnchors(
      `${keys.join(', ')}: no configured issuer has this host. Add the issuer to issuers, or correct the host.`,
    );
  }
  return { ok: true, value: Object.fromEntries(good.map(({ key, bundle }) => [key, bundle])) };
}

const coversAny = (keys: readonly string[], issuers: readonly string[]): boolean =>
  privateHosts(issuers).some((host) => keys.includes(host));

type AnchorsOfHost = Result<
  { readonly key: string; readonly bundle: string },
  { readonly host: string; readonly problem: string }
>;

function validateHost(host: string, value: unknown, now: Date | null): AnchorsOfHost {
  const url = `https://${host}`;
  if (!/^[^\s\\/?#@]+$/.test(host) || !URL.canParse(url)) {
    return { ok: false, host, problem: 'must be a host or host:port, without https:// and without a path.' };
  }
  if (isKnownPublicHost(hostOf(url))) {
    const problem =
      'is a well-known public host, which is verified only by public certificate authorities. Remove it.';
    return { ok: false, host, problem };
  }
  if (typeof value !== 'string')
    return { ok: false, host, problem: `must be a PEM bundle; it is ${show(value)}.` };
  const pem = readBundle(value, now);
  return pem.ok ? { ok: true, value: { key: anchorKey(url), bundle: pem.value } } : { ...pem, host };
}

/** The shorter way to write anchors: one bundle if every host of the issuers has the same, else unchanged. */
export function foldTrustAnchors(anchors: TrustAnchors, issuers: readonly string[]): TrustAnchors | string {
  const [bundle, ...others] = new Set(Object.values(anchors));
  const same = Object.keys(anchors).sort().join(' ') === [...privateHosts(issuers)].sort().join(' ');
  return bundle !== undefined && others.length === 0 && same ? bundle : anchors;
}

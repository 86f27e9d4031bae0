/** Names to addresses, by the system's resolver, so that hosts files and private zones apply. */
import { lookup } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isPrivateAddress, classifyAddress } from '../domain/address-policy';
import type { Outcome, Step } from '../domain/types';
import { failure } from '../domain/errors';
import type { FailureCode } from '../domain/errors';
import { detailOf } from './error-detail';
import type { Records } from './missing-name';
import { codeOf } from './network-errors';
import type { Result } from '../domain/result';

/** Resolves a name to all its addresses; rejects with the resolver's error (`ENOTFOUND`, `EAI_AGAIN`, …). */
export type Resolver = (name: string) => Promise<readonly string[]>;

/**
 * Limits of a lookup. Times are milliseconds. `over`: aborted at the end of the run, when nothing waits for
 * an answer any more.
 */
export interface AddressOptions {
  readonly over?: AbortSignal;
  readonly timeoutMs?: number;
  readonly retryDelayMs?: number;
  readonly resolver?: Resolver;
  /**
   * Questions about a name that does not exist. @default the DNS servers of the system, and none if `resolver`
   * is given
   */
  readonly records?: () => Records;
}

const MAX_ADDRESSES = 8;
const ATTEMPTS = 3;

const systemResolver: Resolver = async (name) =>
  (await lookup(name, { all: true })).map(({ address }) => address);

/**
 * Resolves each name once for as long as the returned function lives (one run), so that documents and probes
 * go to the addresses that were validated: DNS rebinding in between has no effect.
 *
 * A name is given as URLs write it: IPv6 literals may be in brackets. Addresses that the address policy
 * refuses are left out; if none is left, the outcome says `SSRF_ADDRESS_REFUSED`. At most 8 addresses.
 * Private addresses are permitted per request: a configured issuer and a discovered one may have the same
 * name.
 */
export function addressBook(
  options: AddressOptions = {},
): (name: string, step: Step, mayBePrivate?: boolean) => Promise<Outcome<readonly string[]>> {
  const asked = new Map<string, Promise<Resolved>>();
  return async (name, step, mayBePrivate = false) => {
    const host = name.replace(/^\[(.*)\]$/, '$1');
    const answer = asked.get(name) ?? resolveName(host, options);
    asked.set(name, answer);
    const found = permitted(host, await answer, mayBePrivate);
    return found.ok ? found : { ok: false, failure: failure(step, found.code, found.message, found.detail) };
  };
}

type Resolved = Result<
  readonly string[],
  { readonly code: FailureCode; readonly message: string; readonly detail?: string }
>;

function permitted(name: string, answer: Resolved, mayBePrivate: boolean): Resolved {
  if (!answer.ok) return answer;
  const refused: { readonly address: string; readonly problem: string }[] = [];
  const allowed: string[] = [];
  for (const address of new Set(answer.value)) {
    const problem = classifyAddress(address, mayBePrivate);
    if (problem === null) allowed.push(address);
    else refused.push({ address, problem });
  }
  if (allowed.length > 0) return { ok: true, value: mixFamilies(allowed).slice(0, MAX_ADDRESSES) };
  if (refused.length === 0) return notFound(name, 'the DNS answer contains no address');
  return {
    ok: false,
    code: 'SSRF_ADDRESS_REFUSED',
    message: `${name} resolves to ${refused.map(({ address, problem }) => `${address} (${problem})`).join(', ')}. ${
      refused.some(({ address }) => isPrivateAddress(address)) ? PRIVATE : NEVER
    }`,
  };
}

const PRIVATE =
  'AWS STS needs a public address. To permit private addresses, set allowPrivateNetworks and name the issuer in issuers.';
const NEVER = 'AWS STS needs a public address. The monitor never connects to addresses of this kind.';

/**
 * IPv6 and IPv4 alternately, so that a machine without the one still connects to the other among the first 8.
 */
function mixFamilies(addresses: readonly string[]): readonly string[] {
  const isV6 = (address: string): boolean => address.includes(':');
  const [first = ''] = addresses;
  const same = addresses.filter((address) => isV6(address) === isV6(first));
  const other = addresses.filter((address) => isV6(address) !== isV6(first));
  return addresses.flatMap((_, index) => [...same.slice(index, index + 1), ...other.slice(index, index + 1)]);
}

async function resolveName(name: string, options: AddressOptions): Promise<Resolved> {
  const { timeoutMs = 3_000, retryDelayMs = 100, resolver = systemResolver } = options;
  const { over = new AbortController().signal } = options;
  let last: unknown = null;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const delay = retryDelayMs * (attempt - 1) * (0.5 + Math.random());
    try {
      if (attempt > 1) await sleep(delay, undefined, { signal: over });
      return { ok: true, value: await withTimeout(resolver(name), timeoutMs, over) };
    } catch (error) {
      last = error;
    }
  }
  const [reason, detail] = [codeOf(last) || String(last), detailOf(last)];
  if (reason === 'ENOTFOUND' || reason === 'ENODATA')
    return { ...((await creatable(name, options)) ?? notFound(name, reason)), detail };
  const message = `The DNS resolver did not answer for ${name} (${reason}).`;
  return { ok: false, code: 'DNS_UNAVAILABLE', message, detail };
}

const notFound = (name: string, reason: string): Extract<Resolved, { ok: false }> => ({
  ok: false,
  code: 'DNS_NOT_FOUND',
  message: `The host name ${name} does not exist in DNS (${reason}).`,
});

/** The failure of a name that somebody else can create; null: it is none. Other names load no list of suffixes. */
async function creatable(
  name: string,
  { resolver, records, timeoutMs = 3_000, over = new AbortController().signal }: AddressOptions,
): Promise<Extract<Resolved, { ok: false }> | null> {
  if (resolver !== undefined && records === undefined) return null;
  const { findCreatable } = await import('./missing-name');
  const inquiry = records === undefined ? { timeoutMs, over } : { records, timeoutMs, over };
  const found = await findCreatable(name, inquiry);
  return found === null ? null : { ok: false, ...found };
}

async function withTimeout<T>(work: Promise<T>, milliseconds: number, over: AbortSignal): Promise<T> {
  const stop = new AbortController();
  const late = sleep(milliseconds, undefined, { signal: AbortSignal.any([stop.signal, over]) }).then(
    () => Promise.reject(new ResolverTimeout()),
    () => work,
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    stop.abort();
  }
}

class ResolverTimeout extends Error {
  readonly code = 'timeout';
}

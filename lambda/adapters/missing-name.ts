/**
 * Who can create a host name that does not exist. Loaded only if the resolver of the system does not find a
 * name: the Public Suffix List is large, and a name that exists needs no question.
 */
import { Resolver } from 'node:dns/promises';
import { parse } from 'tldts';
import type { FailureCode } from '../domain/errors';
import { quote } from '../text/quote';
import { codeOf } from './network-errors';

/**
 * Questions to DNS servers. They reject with the resolver's error: `ENOTFOUND` if the name does not exist
 * (NXDOMAIN), `ENODATA` if it has no such record. `cancel` rejects those without an answer.
 */
export interface Records {
  readonly resolveCname: (name: string) => Promise<readonly string[]>;
  readonly resolveNs: (name: string) => Promise<readonly string[]>;
  readonly cancel: () => void;
}

/** How it is found out. Times are milliseconds. `over`: aborted at the end of the run. */
export interface InquiryOptions {
  /** @default the DNS servers of the system */
  readonly records?: () => Records;
  /** For all questions together. */
  readonly timeoutMs: number;
  readonly over: AbortSignal;
}

/** Why a name does not exist, if somebody else can create it. */
export interface CreatableName {
  readonly code: Extract<FailureCode, 'DNS_DOMAIN_NOT_FOUND' | 'DNS_DANGLING_CNAME'>;
  readonly message: string;
}

/** Chains of aliases are as long as this at most. */
const MAX_ALIASES = 8;

/** `getaddrinfo` does not distinguish a name that does not exist from one without addresses. */
const systemRecords = (): Records => new Resolver({ timeout: 1_000, tries: 2 });

/**
 * Finds out whether somebody else can create a host name that the resolver did not find. Null: nobody but the
 * owner of its domain can, its top-level domain is not public (RFC 6761, private networks), or DNS did not
 * answer. At most 12 questions.
 */
export async function findCreatable(
  name: string,
  { records = systemRecords, timeoutMs, over }: InquiryOptions,
): Promise<CreatableName | null> {
  const host = name.toLowerCase().replace(/\.$/, '');
  const own = domainOf(host);
  if (own === null || over.aborted) return null;
  const source = records();
  const stop = new AbortController();
  stop.signal.addEventListener('abort', () => {
    source.cancel();
  });
  const end = (): void => {
    stop.abort();
  };
  const timer = setTimeout(end, timeoutMs);
  over.addEventListener('abort', end, { once: true });
  try {
    const dns = questionsTo(source, stop.signal);
    const missing = await endOfAliases(host, dns);
    const who = missing === null ? null : await whoCanCreate(missing, own, dns);
    return missing === null || who === null ? null : describe(host, missing, who);
  } finally {
    clearTimeout(timer);
    over.removeEventListener('abort', end);
    end();
  }
}

const describe = (host: string, missing: string, who: string): CreatableName =>
  missing === host
    ? {
        code: 'DNS_DOMAIN_NOT_FOUND',
        message: `The host name ${host} does not exist in DNS (NXDOMAIN). ${who}`,
      }
    : {
        code: 'DNS_DANGLING_CNAME',
        message: `The host name ${host} is an alias (CNAME) of ${quote(missing)}, which does not exist in DNS (NXDOMAIN). ${who}`,
      };

/** Records, none of the type, `missing` if the name does not exist, or `unknown` if no server said so. */
type Answer = readonly string[] | 'missing' | 'unknown';

interface Questions {
  readonly aliases: (name: string) => Promise<Answer>;
  readonly nameServers: (name: string) => Promise<Answer>;
}

const questionsTo = (source: Records, stop: AbortSignal): Questions => ({
  aliases: (name) => answerOf(() => source.resolveCname(name), stop),
  nameServers: (name) => answerOf(() => source.resolveNs(name), stop),
});

async function answerOf(ask: () => Promise<readonly string[]>, stop: AbortSignal): Promise<Answer> {
  if (stop.aborted) return 'unknown';
  try {
    return await ask();
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENODATA') return [];
    return code === 'ENOTFOUND' ? 'missing' : 'unknown';
  }
}

/** A domain below a suffix under which the public registers names. */
interface Domain {
  readonly name: string;
  readonly suffix: string;
}

/** The domain of a name below a suffix that ICANN delegates. Null: the name has none that can be registered. */
function domainOf(name: string): Domain | null {
  const { domain, publicSuffix, isIcann } = parse(name, { extractHostname: false });
  // The list has the names of RFC 8375 and of reverse lookups, which nobody can register.
  if (domain === null || publicSuffix === null || isIcann !== true || /(^|\.)arpa$/.test(publicSuffix))
    return null;
  return { name: domain, suffix: publicSuffix };
}

/** The name of a customer at a service that gives names to everybody, such as a cloud. Null: it is none. */
function serviceNameOf(name: string): Domain | null {
  const { domain, publicSuffix, isPrivate } = parse(name, {
    extractHostname: false,
    allowPrivateDomains: true,
  });
  return domain === null || publicSuffix === null || isPrivate !== true
    ? null
    : { name: domain, suffix: publicSuffix };
}

/** The name at the end of the aliases, if it does not exist. Null: it exists, or that is not known. */
async function endOfAliases(name: string, dns: Questions): Promise<string | null> {
  let current = name;
  for (let aliases = 0; aliases <= MAX_ALIASES; aliases += 1) {
    const answer = await dns.aliases(current);
    if (answer === 'missing') return current;
    const [target] = answer === 'unknown' ? [] : answer;
    if (target === undefined) return null;
    current = target.toLowerCase().replace(/\.$/, '');
  }
  return null;
}

/** Who can create a missing name, in a sentence. Null: its owner only, or that is not known. `own`: of the host. */
async function whoCanCreate(missing: string, own: Domain, dns: Questions): Promise<string | null> {
  const domain = domainOf(missing);
  if (domain === null) return null;
  // A resolver that knows no public name at all says nothing about this one.
  if (!isThere(await dns.nameServers(domain.suffix))) return null;
  const registered = await dns.nameServers(domain.name);
  if (registered === 'missing')
    return `Anybody may be able to register the domain ${quote(domain.name)}, which does not exist.`;
  if (!isThere(registered)) return null;
  const customer = serviceNameOf(missing);
  if (customer !== null) {
    const created = await dns.nameServers(customer.name);
    if (created === 'missing')
      return `Anybody who can get names under ${customer.suffix} may be able to create ${quote(customer.name)}.`;
    if (!isThere(created)) return null;
  }
  return domain.name === own.name
    ? null
    : `Whoever can get names under ${quote(domain.name)} may be able to create it.`;
}

const isThere = (answer: Answer): boolean => answer !== 'missing' && answer !== 'unknown';

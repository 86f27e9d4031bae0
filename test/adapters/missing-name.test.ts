import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { addressBook } from '../../lambda/adapters/dns';
import { findCreatable } from '../../lambda/adapters/missing-name';
import type { Outcome } from '../../lambda/domain/types';
import { watchTimers } from '../support/faults/timers';
import { Names, servedNames } from '../support/faults/names';
import type { NameAnswer, ServedNames } from '../support/faults/names';

const names = new Names();
let served: ServedNames;

beforeAll(async () => {
  served = await servedNames(names);
});
afterAll(() => served.close());
beforeEach(() => {
  names.reset();
});

type Zone = Readonly<Record<string, NameAnswer>>;

interface Resolved {
  readonly outcome: Outcome<readonly string[]>;
  /** Questions that are not for addresses. */
  readonly more: readonly string[];
}

/** What a run learns of a name. Names that the zone does not have exist. */
async function resolved(name: string, zone: Zone): Promise<Resolved> {
  for (const [owner, answer] of Object.entries(zone)) names.set(owner, answer);
  const before = served.asked().length;
  const { resolver, records } = served;
  const resolve = addressBook({ resolver, records, retryDelayMs: 1, timeoutMs: 400 });
  const outcome = await resolve(name, 'discovery', true);
  const more = served
    .asked()
    .slice(before)
    .filter((question) => !question.startsWith('A '));
  return { outcome, more };
}

const codeOf = ({ outcome }: Resolved): string => (outcome.ok ? 'resolved' : outcome.failure.code);
const messageOf = ({ outcome }: Resolved): string => (outcome.ok ? '' : outcome.failure.message);

const MISSING: Zone = { 'ci.gone.com': 'nxdomain', 'gone.com': 'nxdomain' };

describe('a host name that does not exist, and that somebody else can create', () => {
  it.each<[string, string, Zone, string, string]>([
    ['its domain is not registered (fault 62)', 'ci.gone.com', MISSING, 'DNS_DOMAIN_NOT_FOUND', 'gone.com'],
    [
      'the host is the domain itself',
      'gone.com',
      { 'gone.com': 'nxdomain' },
      'DNS_DOMAIN_NOT_FOUND',
      'gone.com',
    ],
    [
      'its domain is below a suffix of two labels',
      'a.ci.gone.co.uk',
      { 'a.ci.gone.co.uk': 'nxdomain', 'gone.co.uk': 'nxdomain' },
      'DNS_DOMAIN_NOT_FOUND',
      'gone.co.uk',
    ],
    [
      'its domain is written with other letters than ASCII',
      'ci.xn--gone-0qa.xn--p1ai',
      { 'ci.xn--gone-0qa.xn--p1ai': 'nxdomain', 'xn--gone-0qa.xn--p1ai': 'nxdomain' },
      'DNS_DOMAIN_NOT_FOUND',
      'xn--gone-0qa.xn--p1ai',
    ],
    ['capitals and a dot at the end', 'CI.Gone.com.', MISSING, 'DNS_DOMAIN_NOT_FOUND', 'gone.com'],
    [
      'it is a name that a cloud gives to everybody',
      'gone.azurewebsites.net',
      { 'gone.azurewebsites.net': 'nxdomain' },
      'DNS_DOMAIN_NOT_FOUND',
      'gone.azurewebsites.net',
    ],
    [
      'it is an alias of a name at such a cloud',
      'ci.example.com',
      { 'ci.example.com': { alias: 'gone.azurewebsites.net' }, 'gone.azurewebsites.net': 'nxdomain' },
      'DNS_DANGLING_CNAME',
      'gone.azurewebsites.net',
    ],
    [
      'it is an alias of a name whose domain is not registered (fault 62)',
      'ci.example.com',
      { 'ci.example.com': { alias: 'ci.gone.com' }, ...MISSING },
      'DNS_DANGLING_CNAME',
      'gone.com',
    ],
    [
      'it is an alias of an alias',
      'ci.example.com',
      {
        'ci.example.com': { alias: 'lb.example.com' },
        'lb.example.com': { alias: 'ci.gone.com' },
        ...MISSING,
      },
      'DNS_DANGLING_CNAME',
      'ci.gone.com',
    ],
    [
      'it is an alias of a name that a company gives to its customers',
      'ci.example.com',
      { 'ci.example.com': { alias: 'gone.hosted.example.net' }, 'gone.hosted.example.net': 'nxdomain' },
      'DNS_DANGLING_CNAME',
      'gone.hosted.example.net',
    ],
  ])('%s', async (_, name, zone, code, named) => {
    const found = await resolved(name, zone);
    expect(codeOf(found)).toBe(code);
    expect(messageOf(found)).toContain(`"${named}"`);
  });

  it('is asked about with few questions', async () => {
    const { more } = await resolved('ci.example.com', {
      'ci.example.com': { alias: 'gone.azurewebsites.net' },
      'gone.azurewebsites.net': 'nxdomain',
    });
    expect(more).toEqual([
      'CNAME ci.example.com',
      'CNAME gone.azurewebsites.net',
      'NS net',
      'NS azurewebsites.net',
      'NS gone.azurewebsites.net',
    ]);
  });
});

describe('a host name that nobody else can create', () => {
  it.each<[string, string, Zone, string]>([
    [
      'a host below a domain that exists (fault 62)',
      'ci.example.com',
      { 'ci.example.com': 'nxdomain' },
      'DNS_NOT_FOUND',
    ],
    [
      'an alias within one domain',
      'ci.example.com',
      { 'ci.example.com': { alias: 'lb.example.com' }, 'lb.example.com': 'nxdomain' },
      'DNS_NOT_FOUND',
    ],
    ['a name without addresses', 'ci.example.com', { 'ci.example.com': [] }, 'DNS_NOT_FOUND'],
    [
      'an alias of a name without addresses',
      'ci.example.com',
      { 'ci.example.com': { alias: 'lb.example.net' }, 'lb.example.net': [] },
      'DNS_NOT_FOUND',
    ],
    ['a top-level domain', 'com', { com: 'nxdomain' }, 'DNS_NOT_FOUND'],
    ['a resolver that knows no public name', 'ci.gone.com', { ...MISSING, com: 'nxdomain' }, 'DNS_NOT_FOUND'],
    [
      'an alias of a reserved name',
      'ci.example.com',
      { 'ci.example.com': { alias: 'ci.gone.internal' }, 'ci.gone.internal': 'nxdomain' },
      'DNS_NOT_FOUND',
    ],
    [
      'a reserved name that is an alias, which AWS cannot resolve',
      'ci.gone.internal',
      { 'ci.gone.internal': { alias: 'gone.azurewebsites.net' }, 'gone.azurewebsites.net': 'nxdomain' },
      'DNS_NOT_FOUND',
    ],
    [
      'a chain of aliases without an end',
      'ci.example.com',
      { 'ci.example.com': { alias: 'ci.example.net' }, 'ci.example.net': { alias: 'ci.example.com' } },
      'DNS_UNAVAILABLE',
    ],
  ])('%s', async (_, name, zone, code) => {
    expect(codeOf(await resolved(name, zone))).toBe(code);
  });

  it.each(['test', 'example', 'invalid', 'localhost', 'internal', 'local', 'onion', 'corp', 'home.arpa'])(
    'a name below the reserved domain %s, about which no more is asked',
    async (reserved) => {
      const [name, domain] = [`ci.gone.${reserved}`, `gone.${reserved}`];
      const found = await resolved(name, {
        [name]: 'nxdomain',
        [domain]: 'nxdomain',
        [reserved]: 'nxdomain',
      });
      expect(codeOf(found)).toBe('DNS_NOT_FOUND');
      if (reserved !== 'onion') expect(found.more).toEqual([]);
    },
  );
});

describe('what DNS does not answer', () => {
  it.each<[string, NameAnswer]>([
    ['SERVFAIL', 'servfail'],
    ['a silent server', 'silence'],
  ])(
    'is never taken for a name that somebody can create: %s (fault 62)',
    async (_, answer) => {
      const own = await resolved('ci.gone.com', { ...MISSING, 'ci.gone.com': answer });
      expect([codeOf(own), own.more]).toEqual(['DNS_UNAVAILABLE', []]);
      names.reset();
      for (const unanswered of ['com', 'gone.com']) {
        expect(codeOf(await resolved('ci.gone.com', { ...MISSING, [unanswered]: answer }))).toBe(
          'DNS_NOT_FOUND',
        );
        names.reset();
      }
      const below = { alias: 'app.gone.azurewebsites.net' };
      for (const unanswered of ['net', 'azurewebsites.net', 'gone.azurewebsites.net']) {
        const zone = {
          'ci.example.com': below,
          'app.gone.azurewebsites.net': 'nxdomain',
          [unanswered]: answer,
        } as const;
        expect(codeOf(await resolved('ci.example.com', zone))).toBe('DNS_NOT_FOUND');
        names.reset();
      }
      const alias = { alias: 'gone.azurewebsites.net' };
      const zone = { 'ci.example.com': alias, 'gone.azurewebsites.net': answer };
      expect(codeOf(await resolved('ci.example.com', zone))).toBe('DNS_UNAVAILABLE');
    },
    20_000,
  );

  it('is not waited for longer than the limit, nor beyond the end of the run', async () => {
    names.set('ci.gone.com', 'silence');
    const timers = watchTimers();
    const { records } = served;
    const over = new AbortController();
    const begin = performance.now();
    const limited = findCreatable('ci.gone.com', { records, timeoutMs: 50, over: over.signal });
    const ended = findCreatable('ci.gone.com', { records, timeoutMs: 10_000, over: over.signal });
    expect(await limited).toBeNull();
    over.abort();
    expect(await ended).toBeNull();
    const asked = served.asked().length;
    expect(await findCreatable('ci.gone.com', { records, timeoutMs: 50, over: over.signal })).toBeNull();
    expect(served.asked()).toHaveLength(asked);
    expect(performance.now() - begin).toBeLessThan(450);
    expect(await timers.stop()).toEqual([]);
  });
});

it('asks nothing more about a name that exists', async () => {
  const found = await resolved('ci.example.com', {});
  expect([codeOf(found), found.more]).toEqual(['resolved', []]);
});

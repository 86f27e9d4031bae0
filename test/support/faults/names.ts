/** The answers of a resolver for names, by function call or as a real server on loopback. */
import { Resolver as DnsResolver } from 'node:dns/promises';
import type { Resolver } from '../../../lambda/adapters/dns';
import { startNameServer } from './name-server';

/** Addresses in this order, or how the query fails. */
export type NameAnswer = readonly string[] | 'nxdomain' | 'servfail' | 'silence';

/** The names of a world. Each name of a host resolves to 127.0.0.1 by default. */
export class Names {
  private readonly answers = new Map<string, readonly NameAnswer[]>();
  private readonly asked = new Map<string, number>();

  /** Answers to the queries for one name, in turn; the last one stays. */
  set(name: string, ...answers: readonly NameAnswer[]): void {
    this.answers.set(name, answers);
    this.asked.delete(name);
  }

  /** Whether a name resolves as usual. */
  isUsual = (name: string): boolean => !this.answers.has(name);

  /** How often a name was queried since it was set. */
  count = (name: string): number => this.asked.get(name) ?? 0;

  reset(): void {
    this.answers.clear();
    this.asked.clear();
  }

  answer(name: string): NameAnswer {
    const count = this.count(name);
    this.asked.set(name, count + 1);
    const answers = this.answers.get(name) ?? [];
    return answers[Math.min(count, answers.length - 1)] ?? ['127.0.0.1'];
  }
}

class NameError extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

/** A way to query them. */
export interface NameService {
  readonly resolver: Resolver;
  readonly close: () => Promise<void>;
}

/** Answers as the system's resolver would. */
export function injectedNames(names: Names): NameService {
  const resolver: Resolver = (name) => {
    const answer = names.answer(name);
    switch (answer) {
      case 'nxdomain':
        return Promise.reject(new NameError('ENOTFOUND'));
      case 'servfail':
        return Promise.reject(new NameError('EAI_AGAIN'));
      case 'silence':
        return new Promise(() => undefined);
      default:
        return Promise.resolve(answer);
    }
  };
  return { resolver, close: () => Promise.resolve() };
}

/** Queries a real DNS server over UDP, for IPv4 addresses. */
export async function servedNames(names: Names): Promise<NameService> {
  const server = await startNameServer(names);
  const dns = new DnsResolver({ timeout: 500, tries: 1 });
  dns.setServers([`127.0.0.1:${server.port}`]);
  return { resolver: (name) => dns.resolve4(name), close: server.close };
}

/** The answers of a resolver for names, by function call or as a real server on loopback. */
import { Resolver as DnsResolver } from 'node:dns/promises';
import type { Resolver } from '../../../lambda/adapters/dns';
import type { Records } from '../../../lambda/adapters/missing-name';
import { startNameServer } from './name-server';

/** Another name that has the records (CNAME). */
export interface Alias {
  readonly alias: string;
}

/** Addresses in this order, another name, or how the query fails. */
export type NameAnswer = readonly string[] | Alias | 'nxdomain' | 'servfail' | 'silence';

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

  /** The answer to a query for addresses. */
  answer(name: string): NameAnswer {
    const count = this.count(name);
    this.asked.set(name, count + 1);
    return this.answerAt(name, count);
  }

  /** What the last query for addresses was answered: other queries for the name do not count. */
  lastAnswer = (name: string): NameAnswer => this.answerAt(name, Math.max(0, this.count(name) - 1));

  private answerAt(name: string, count: number): NameAnswer {
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
  readonly records: () => Records;
  readonly close: () => Promise<void>;
}

/** Answers as the system's resolver would. */
export function injectedNames(names: Names): NameService {
  const addressesOf = (answer: NameAnswer): Promise<readonly string[]> => {
    switch (answer) {
      case 'nxdomain':
        return Promise.reject(new NameError('ENOTFOUND'));
      case 'servfail':
        return Promise.reject(new NameError('EAI_AGAIN'));
      case 'silence':
        return new Promise(() => undefined);
      default:
        return 'alias' in answer ? addressesOf(names.lastAnswer(answer.alias)) : Promise.resolve(answer);
    }
  };
  const records: Records = {
    resolveCname: async (name) => {
      const answer = names.lastAnswer(name);
      if (typeof answer === 'object' && 'alias' in answer) return [answer.alias];
      await addressesOf(answer);
      throw new NameError('ENODATA');
    },
    resolveNs: async (name) => {
      await addressesOf(names.lastAnswer(name));
      return ['ns.example'];
    },
    cancel: () => undefined,
  };
  return {
    resolver: (name) => addressesOf(names.answer(name)),
    records: () => records,
    close: () => Promise.resolve(),
  };
}

/** The same with a record of the queries: `A ci.example.com`, oldest first. */
export interface ServedNames extends NameService {
  readonly asked: () => readonly string[];
}

/** Queries a real DNS server over UDP, for IPv4 addresses, aliases and name servers. */
export async function servedNames(names: Names): Promise<ServedNames> {
  const server = await startNameServer(names);
  const open = (): DnsResolver => {
    const dns = new DnsResolver({ timeout: 500, tries: 1 });
    dns.setServers([`127.0.0.1:${server.port}`]);
    return dns;
  };
  const dns = open();
  return {
    resolver: (name) => dns.resolve4(name),
    records: open,
    asked: server.asked,
    close: server.close,
  };
}

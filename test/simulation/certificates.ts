/** Certificates for simulated hosts: authorities that last, and leaves that are renewed. */
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';

const DAY_MS = 86_400_000;
const LONG = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2036-01-01T00:00:00Z') };

/** A chain as a server sends it: leaf and intermediate. */
export interface Chain {
  readonly identities: readonly Identity[];
  /** The thumbprint that AWS would take: of the last certificate that is sent. */
  readonly top: string;
  /** When the leaf expires. */
  readonly notAfter: number;
}

/** An authority whose certificate servers send last. */
export interface Authority {
  readonly root: Identity;
  readonly intermediate: Identity;
}

/** Founds an authority, below a root that is there or below its own. */
export async function found(name: string, below?: Identity): Promise<Authority> {
  const root = below ?? (await mint({ ...LONG, commonName: `${name} Root`, ca: true }));
  return { root, intermediate: await mint({ ...LONG, commonName: name, ca: true, signedBy: root }) };
}

/** A new leaf for a host, valid from the day before `at`. */
export async function issue(authority: Authority, host: string, at: number, days: number): Promise<Chain> {
  // Certificates know whole seconds.
  const notAfter = Math.floor((at + days * DAY_MS) / 1_000) * 1_000;
  const leaf = await mint({
    commonName: host,
    hosts: [host],
    signedBy: authority.intermediate,
    notBefore: new Date(at - DAY_MS),
    notAfter: new Date(notAfter),
  });
  return {
    identities: [leaf, authority.intermediate],
    top: authority.intermediate.thumbprint,
    notAfter,
  };
}

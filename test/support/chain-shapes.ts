/** Chains as servers get them right and wrong. */
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';

const DAY_MS = 86_400_000;
const daysFromNow = (days: number): Date => new Date(Date.now() + days * DAY_MS);

/** The pool: every bad certificate has a name. */
export interface Pool {
  readonly root: Identity;
  readonly otherRoot: Identity;
  /** The root's name and key, signed by the other root. */
  readonly crossSigned: Identity;
  readonly middle: Identity;
  readonly leaf: Identity;
  readonly rsaLeaf: Identity;
  readonly stranger: Identity;
  readonly selfSigned: Identity;
  readonly expired: Identity;
  readonly early: Identity;
  readonly elsewhere: Identity;
  readonly long: readonly Identity[];
}

/** Mints them all. */
export async function mintPool(): Promise<Pool> {
  const hosts = ['localhost'];
  const root = await mint({ commonName: 'Root', ca: true });
  const otherRoot = await mint({ commonName: 'Other Root', ca: true });
  const crossSigned = await mint({ commonName: 'Root', ca: true, keyOf: root, signedBy: otherRoot });
  const middle = await mint({ commonName: 'Intermediate', ca: true, signedBy: root });
  const below = { commonName: 'localhost', hosts, signedBy: middle };
  const long: Identity[] = [];
  for (let depth = 0; depth < 8; depth += 1) {
    long.unshift(
      await mint({ commonName: `Level ${depth}`, ca: depth < 7, hosts, signedBy: long[0] ?? root }),
    );
  }
  return {
    root,
    otherRoot,
    crossSigned,
    middle,
    long,
    leaf: await mint(below),
    rsaLeaf: await mint({ ...below, keyType: 'rsa' }),
    stranger: await mint({ commonName: 'Stranger', ca: true }),
    selfSigned: await mint({ commonName: 'localhost', hosts }),
    expired: await mint({ ...below, notBefore: daysFromNow(-9), notAfter: daysFromNow(-1) }),
    early: await mint({ ...below, notBefore: daysFromNow(1), notAfter: daysFromNow(90) }),
    elsewhere: await mint({ ...below, hosts: ['elsewhere.example.com'] }),
  };
}

/** A chain as it is served, the indexes of the certificates that AWS may take, and what is wrong with it. */
type Shape = readonly [
  name: string,
  build: (pool: Pool) => readonly Identity[],
  expected: readonly number[],
  findings: readonly string[],
];

/** Every one of them. */
export const SHAPES: readonly Shape[] = [
  ['leaf and intermediate', ({ leaf, middle }) => [leaf, middle], [1], ['CERT003']],
  ['leaf only', ({ leaf }) => [leaf], [0], ['CERT003']],
  ['root served too', ({ leaf, middle, root }) => [leaf, middle, root], [2], []],
  ['misordered', ({ leaf, middle, root }) => [leaf, root, middle], [1], ['CERT002']],
  ['duplicated', ({ leaf, middle }) => [leaf, middle, middle], [1], ['CERT002', 'CERT003']],
  ['leaf twice', ({ leaf, middle }) => [leaf, leaf, middle], [2], ['CERT002', 'CERT003']],
  [
    'unrelated appended',
    ({ leaf, middle, stranger }) => [leaf, middle, stranger],
    [1],
    ['CERT002', 'CERT003'],
  ],
  [
    'unrelated inserted',
    ({ leaf, middle, stranger }) => [leaf, stranger, middle],
    [2],
    ['CERT002', 'CERT003'],
  ],
  ['cross-signed', ({ leaf, middle, crossSigned }) => [leaf, middle, crossSigned], [2], ['CERT003']],
  [
    'root, then its cross-certificate',
    ({ leaf, middle, root, crossSigned }) => [leaf, middle, root, crossSigned],
    [2, 3],
    [],
  ],
  [
    'cross-certificate, then the root',
    ({ leaf, middle, root, crossSigned }) => [leaf, middle, crossSigned, root],
    [2, 3],
    [],
  ],
  [
    'both certificates of one CA and the root above',
    ({ leaf, middle, root, crossSigned, otherRoot }) => [leaf, middle, crossSigned, root, otherRoot],
    [4],
    [],
  ],
  ['self-signed leaf', ({ selfSigned }) => [selfSigned], [0], []],
  ['expired', ({ expired, middle }) => [expired, middle], [1], ['CERT003', 'CERT005']],
  ['not yet valid', ({ early, middle }) => [early, middle], [1], ['CERT003', 'CERT005']],
  ['wrong host', ({ elsewhere, middle }) => [elsewhere, middle], [1], ['CERT003', 'CERT005']],
  ['long', ({ long }) => long, [7], ['CERT003']],
];

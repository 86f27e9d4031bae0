/**
 * Which served certificates lie on a valid path to a trust anchor, so that their thumbprints may be proposed.
 * OpenSSL stops at the first anchor that it finds and does not verify what a server sends above it, and
 * anybody can make a certificate for the public key of an honest CA under a root of their own. RFC 5280
 * section 6, RFC 4158.
 */
import { X509Certificate, createHash } from 'node:crypto';
import type { Anchor, AnchorSet } from './anchor-set';
import { readCertificateFacts } from './certificate-facts';
import type { CertificateFacts } from './certificate-facts';
import { isWeakKey, issues } from './issuance';

/** If a chain exceeds these limits, nothing is anchored. */
export const ANCHORING_LIMITS = { certificates: 20, edges: 256, steps: 1_000 } as const;

/** Why a served certificate is not anchored. */
export type NotAnchored =
  /** OpenSSL did not verify the handshake with these anchors. */
  | 'not-verified'
  /** A certificate that is not strict DER, or whose key cannot be used. */
  | 'not-readable'
  /** More certificates, edges or steps than the limits permit. */
  | 'too-many'
  /** No path leads from the leaf through it to an anchor. */
  | 'no-path'
  | 'not-a-ca'
  | 'not-valid-now'
  /** Extended key usage without TLS servers. */
  | 'usage'
  /** RSA below 2048 bits, or a signature with MD5, SHA-1 or an unknown algorithm. */
  | 'weak'
  | 'path-length'
  /** Name or policy constraints, or an unknown critical extension: such paths are not evaluated here. */
  | 'constrained';

/**
 * The answer for one served certificate. `path`: indexes in the served chain, from the leaf to below or at
 * the anchor.
 */
export type Anchoring =
  | { readonly anchored: true; readonly path: readonly number[]; readonly anchor: Anchor }
  | { readonly anchored: false; readonly reason: NotAnchored };

/** A chain as it was served, leaf first, and the anchors that may verify it. */
export interface AnchoringQuestion {
  /** DER. */
  readonly served: readonly Uint8Array[];
  readonly anchors: AnchorSet;
  /** Null: dates are not compared, to find out whether dates alone are wrong. */
  readonly now: Date | null;
  /**
   * OpenSSL verified this handshake with these anchors, host name, dates and purpose included. `assumed`: to
   * find out what would be anchored if it had; nothing may be proposed from such an answer.
   */
  readonly verified: boolean | 'assumed';
}

/** One answer for each served certificate, in served order. Duplicates get the answer of the first. */
export function anchorChain({ served, anchors, now, verified }: AnchoringQuestion): readonly Anchoring[] {
  if (verified === false) return served.map(() => ({ anchored: false, reason: 'not-verified' }));
  const [leaf, ...others] = answersOf(served, anchors, 'by-name', now);
  // OpenSSL ignores case and encoding if it compares names; the index of the anchors does not.
  if (verified === true && leaf?.anchored === false && leaf.reason === 'no-path')
    return answersOf(served, anchors, 'all', now);
  return leaf === undefined ? [] : [leaf, ...others];
}

/** Which anchors are tried: those that have the name of an issuer, or all. */
type Selection = 'by-name' | 'all';

function answersOf(
  served: readonly Uint8Array[],
  anchors: AnchorSet,
  selection: Selection,
  now: Date | null,
): readonly Anchoring[] {
  const refused = (reason: NotAnchored): Anchoring => ({ anchored: false, reason });
  const graph = graphOf(served, anchors, selection);
  if (graph === 'too-many') return served.map(() => refused(graph));
  const found = graph.leaf === null ? NOTHING_FOUND : searchPaths(graph.leaf, now);
  if (found === 'too-many') return served.map(() => refused(found));
  return graph.positions.map((node): Anchoring => {
    if (node === null) return refused('not-readable');
    const justification = found.justified.get(node);
    if (justification === undefined) return refused(found.refused.get(node) ?? 'no-path');
    return {
      anchored: true,
      path: justification.path.map((member) => graph.positions.indexOf(member)),
      anchor: justification.anchor,
    };
  });
}

/** A distinct certificate of the chain. */
interface PathNode {
  readonly parsed: X509Certificate;
  readonly facts: CertificateFacts;
  readonly selfSigned: boolean;
  readonly weakKey: boolean;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** The nodes that issued it. */
  readonly issuers: PathNode[];
  /** The anchors that issued it, or that it is. */
  readonly anchors: readonly Anchor[];
  /** It is an anchor, byte for byte. */
  readonly isAnchor: boolean;
}

/**
 * Everything that does not depend on the time. `positions`: by index, the node of each served certificate;
 * null: not readable.
 */
interface Graph {
  readonly leaf: PathNode | null;
  readonly positions: readonly (PathNode | null)[];
}

/** Signatures cost the most time here, and hosts serve the same chain at every run. */
const MAX_CACHED = 256;
const cache = new Map<string, Graph | 'too-many'>();

function graphOf(
  served: readonly Uint8Array[],
  anchors: AnchorSet,
  selection: Selection,
): Graph | 'too-many' {
  if (served.length > ANCHORING_LIMITS.certificates) return 'too-many';
  const key = `${selection} ${keyOf(served, anchors)}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const graph = buildGraph(served, anchors, selection);
  const [oldest] = cache.keys();
  if (cache.size >= MAX_CACHED && oldest !== undefined) cache.delete(oldest);
  cache.set(key, graph);
  return graph;
}

/**
 * SHA-256 of the chain and of the anchors; each certificate is hashed by itself, so that boundaries count.
 */
function keyOf(served: readonly Uint8Array[], anchors: AnchorSet): string {
  const hash = createHash('sha256').update(anchors.id);
  for (const der of served) hash.update(createHash('sha256').update(der).digest());
  return hash.digest('hex');
}

function buildGraph(
  served: readonly Uint8Array[],
  anchors: AnchorSet,
  selection: Selection,
): Graph | 'too-many' {
  const distinct = new Map<string, PathNode | null>();
  const positions = served.map((der) => {
    const key = Buffer.from(der).toString('latin1');
    const node = distinct.get(key) ?? readNode(der, anchors, selection);
    distinct.set(key, node);
    return node;
  });
  const leaf = positions[0] ?? null;
  const nodes = [...distinct.values()].filter((node) => node !== null);
  let edges = 0;
  for (const lower of nodes) {
    for (const upper of nodes) {
      // The leaf is the start of every path, even if it may issue certificates.
      if (upper === lower || upper === leaf || !issues(upper.parsed, lower.parsed)) continue;
      lower.issuers.push(upper);
      edges += 1;
      if (edges > ANCHORING_LIMITS.edges) return 'too-many';
    }
  }
  return { leaf, positions };
}

function readNode(der: Uint8Array, anchors: AnchorSet, selection: Selection): PathNode | null {
  const facts = readCertificateFacts(der);
  if (facts === null) return null;
  try {
    const parsed = new X509Certificate(der);
    if (!parsed.raw.equals(der)) return null;
    const [notBefore, notAfter] = [new Date(parsed.validFrom), new Date(parsed.validTo)];
    const [weakKey, selfSigned] = [isWeakKey(parsed), issues(parsed, parsed)];
    const itself = anchors.named(facts.subject).filter((anchor) => anchor.der.equals(der));
    const candidates = selection === 'all' ? anchors.all() : anchors.named(facts.issuer);
    const issuing = candidates.filter((anchor) => !itself.includes(anchor) && issues(anchor.parsed, parsed));
    return {
      parsed,
      facts,
      selfSigned,
      weakKey,
      notBefore,
      notAfter,
      issuers: [],
      anchors: [...itself, ...issuing],
      isAnchor: itself.length > 0,
    };
  } catch {
    return null;
  }
}

/** A path that justifies certificates, and the anchor at or above its end. */
interface Justification {
  readonly path: readonly PathNode[];
  readonly anchor: Anchor;
}

interface FoundPath {
  readonly justified: ReadonlyMap<PathNode, Justification>;
  /** The first reason that was found on a path through a node. */
  readonly refused: ReadonlyMap<PathNode, NotAnchored>;
}

const NOTHING_FOUND: FoundPath = { justified: new Map(), refused: new Map() };

/**
 * Follows every simple path from the leaf upward, shortest first, as long as its certificates may be part of
 * one.
 */
function searchPaths(leaf: PathNode, now: Date | null): FoundPath | 'too-many' {
  const justified = new Map<PathNode, Justification>();
  const refused = new Map<PathNode, NotAnchored>();
  const refuse = (nodes: readonly PathNode[], reason: NotAnchored): void => {
    for (const node of nodes) if (!refused.has(node)) refused.set(node, reason);
  };
  const justify = (path: readonly PathNode[], anchor: Anchor): void => {
    for (const node of path) if (!justified.has(node)) justified.set(node, { path, anchor });
  };
  const paths: (readonly PathNode[])[] = [[leaf]];
  // The list grows while it is read.
  for (const path of paths) {
    if (paths.length > ANCHORING_LIMITS.steps) return 'too-many';
    const end = path.at(-1) ?? leaf;
    const answer = endAt(end.anchors, path, now);
    if (typeof answer === 'string') {
      refuse(path, answer);
      continue;
    }
    if (answer !== null) justify(path, answer);
    // A self-signed certificate has no issuer above it: OpenSSL ends there, too.
    if (end.selfSigned) continue;
    for (const upper of end.issuers) {
      if (path.includes(upper)) continue;
      const reason = memberProblem(upper, path, now);
      if (reason === null) paths.push([...path, upper]);
      else refuse([upper, ...path], reason);
    }
  }
  return { justified, refused };
}

/**
 * Why a certificate above the leaf may not follow this path. Node 20 accepts chains here that 22 and 24
 * reject.
 */
function memberProblem(node: PathNode, below: readonly PathNode[], now: Date | null): NotAnchored | null {
  const { parsed, facts, weakKey, isAnchor } = node;
  if (!parsed.ca) return 'not-a-ca';
  if (!isValidAt(node, now)) return 'not-valid-now';
  if (!facts.servesTls) return 'usage';
  if (weakKey || (!facts.strongSignature && !isAnchor)) return 'weak';
  if (facts.constrained) return 'constrained';
  return isTooLong(facts, below) ? 'path-length' : null;
}

/**
 * The anchor that ends a path, null if none issued its last certificate, or why none of those that did may
 * end it. If several anchors have one name and key, OpenSSL uses any that is valid now, and none of the
 * served certificates above it instead. So each of them must be able to end the path, and a path that one of
 * them cannot end goes no further.
 */
function endAt(
  anchors: readonly Anchor[],
  path: readonly PathNode[],
  now: Date | null,
): Anchor | NotAnchored | null {
  if (anchors.length === 0) return null;
  const valid = anchors.filter((anchor) => isValidAt(anchor, now));
  const problem = valid.map((anchor) => pathProblem(anchor, path)).find((each) => each !== null);
  return problem ?? valid[0] ?? 'not-valid-now';
}

/** Why this anchor does not end this path. The signature algorithm of an anchor does not matter. */
function pathProblem(anchor: Anchor, path: readonly PathNode[]): NotAnchored | null {
  const { facts, der } = anchor;
  if (!facts.servesTls) return 'usage';
  if (anchor.weakKey) return 'weak';
  if (facts.constrained) return 'constrained';
  const below = path.at(-1)?.parsed.raw.equals(der) === true ? path.slice(0, -1) : path;
  return isTooLong(facts, below) ? 'path-length' : null;
}

const isValidAt = (
  { notBefore, notAfter }: { readonly notBefore: Date; readonly notAfter: Date },
  now: Date | null,
): boolean => now === null || (notBefore <= now && now <= notAfter);

/**
 * `below`: the path from the leaf to below the certificate. Self-issued CA certificates do not count: RFC
 * 5280 section 4.2.1.9.
 */
const isTooLong = ({ pathLength }: CertificateFacts, below: readonly PathNode[]): boolean =>
  pathLength !== null &&
  below.slice(1).filter(({ facts }) => facts.subject !== facts.issuer).length > pathLength;

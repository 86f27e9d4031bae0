/** What is wrong with the chains that a host serves, whether or not a provider lists them. */
import type { ChainFault } from '../x509/chain';
import type { Finding } from '../domain/types';
import type { FoldedChain } from '../x509/fold';
import { LOGINS_FAIL, LOGINS_UNKNOWN } from '../domain/logins';
import { count } from '../text/layout';
import { namesHost } from '../x509/verify';
import { DAY_MS } from '../domain/duration';

/** The context of the evaluation. `name` is the host for people. */
export interface HostContext {
  readonly name: string;
  /** Without port: what the leaf must name. */
  readonly hostname: string;
  readonly now: Date;
  readonly expiryDays: number;
}

/** From this number of days on an expiry is urgent. */
const URGENT_DAYS = 7;

/** CERT001 to CERT005 of one host, each once, however many chains show it. */
export function* evaluateCertificates(
  chains: readonly FoldedChain[],
  context: HostContext,
): Generator<Finding> {
  yield* invalid(chains, context);
  yield* disorderly(chains, context);
  yield* incomplete(chains, context);
  yield* expiring(chains, context);
  yield* weak(chains, context);
}

/** What to do about CERT001 and CERT005. */
export const RENEW =
  "Ask the issuer's operator to renew the certificate. If AWS uses the thumbprint list, add the new thumbprint before the server uses it.";

function* invalid(chains: readonly FoldedChain[], { name, hostname, now }: HostContext): Generator<Finding> {
  // A publicly trusted chain has a valid path, whatever other certificates it contains.
  const path = onPath(chains.filter(({ reported }) => !reported.publiclyTrusted));
  const problems = new Set<string>();
  if (path.some(({ role, parsed }) => role === 'leaf' && !namesHost(parsed, hostname))) {
    problems.add(`the certificate is not valid for ${hostname}`);
  }
  for (const { subject, notAfter } of path) {
    if (notAfter < now) problems.add(`${subject} has expired`);
  }
  for (const { subject, notBefore } of path) {
    if (notBefore > now) problems.add(`${subject} is not valid yet`);
  }
  if (problems.size === 0) return;
  yield {
    check: 'CERT005',
    severity: 'critical',
    message: `${name}: ${[...problems].join('; ')}. AWS does not accept such a certificate. ${LOGINS_FAIL}`,
    remedy: RENEW,
  };
}

function* expiring(
  chains: readonly FoldedChain[],
  { name, now, expiryDays }: HostContext,
): Generator<Finding> {
  const [first] = onPath(chains)
    .map(({ subject, notAfter }) => ({
      subject,
      notAfter,
      days: (notAfter.getTime() - now.getTime()) / DAY_MS,
    }))
    .filter(({ days }) => days >= 0 && days <= expiryDays)
    .sort((a, b) => a.days - b.days);
  if (first === undefined) return;
  const until = first.notAfter.toISOString().slice(0, 10);
  yield {
    check: 'CERT001',
    severity: first.days <= URGENT_DAYS ? 'high' : 'medium',
    message: `${name}: ${first.subject} expires on ${until}, in ${count(Math.floor(first.days), 'day')}.`,
    remedy: RENEW,
  };
}

/**
 * AWS: the chain must begin with the leaf and be in order; duplicates and certificates off the path make STS
 * fail.
 */
function* disorderly(chains: readonly FoldedChain[], { name }: HostContext): Generator<Finding> {
  const faults = [...new Set(chains.flatMap((chain) => chain.faults))];
  if (faults.length === 0) return;
  const unrelated = chains.flatMap(({ certificates }) => certificates.filter(({ onPath }) => !onPath));
  const named = [...new Set(unrelated.map(({ subject, thumbprint }) => `${thumbprint} (${subject})`))];
  const words = faults.map((fault) => FAULT_WORDS[fault]).join(', ');
  const whose = named.length === 0 ? '' : ` Unrelated: ${named.join(', ')}.`;
  yield {
    check: 'CERT002',
    severity: 'high',
    message: `${name} serves a certificate chain ${words}.${whose} According to the AWS documentation, AWS STS cannot use such a chain. ${LOGINS_UNKNOWN}`,
    remedy:
      'Configure the server to send its own certificate first, then each issuer in order, and nothing else.',
  };
}

const FAULT_WORDS: Readonly<Record<ChainFault, string>> = {
  misordered: 'in the wrong order',
  duplicated: 'with duplicate certificates',
  additional: 'with unrelated certificates',
};

/** OpenSSL's errors for a chain whose next certificate it does not have. */
const NO_ISSUER = /^UNABLE_TO_(GET|VERIFY)/;

/** The end of the path is neither a root nor issued by an authority that is known here. */
function* incomplete(chains: readonly FoldedChain[], { name }: HostContext): Generator<Finding> {
  const short = chains.filter(
    ({ certificates, anchored, distrust }) =>
      !certificates.some(({ onPath, selfSigned }) => onPath && selfSigned) &&
      !anchored &&
      distrust !== null &&
      NO_ISSUER.test(distrust),
  );
  const ends = [...new Set(short.flatMap(({ ends }) => ends.map(({ issuer }) => issuer)))];
  if (ends.length === 0) return;
  yield {
    check: 'CERT003',
    severity: 'medium',
    message: `${name} serves an incomplete certificate chain: the certificate of ${ends.join(' and ')} is missing, and it is not a known trust anchor.`,
    remedy:
      'Configure the server to send the missing intermediate certificates, or name the private CA in trustAnchors.',
  };
}

function* weak(chains: readonly FoldedChain[], { name }: HostContext): Generator<Finding> {
  const problems = new Set<string>();
  for (const { subject, weakKey, weakSignature } of onPath(chains)) {
    if (weakKey) problems.add(`${subject} has an RSA key of less than 2048 bits`);
    if (weakSignature) problems.add(`${subject} is signed with MD5 or SHA-1`);
  }
  if (problems.size === 0) return;
  yield {
    check: 'CERT004',
    severity: 'medium',
    message: `${name}: ${[...problems].join('; ')}.`,
    remedy: "Ask the issuer's operator to replace the certificate.",
  };
}

const onPath = (chains: readonly FoldedChain[]): readonly FoldedChain['certificates'][number][] =>
  chains.flatMap(({ certificates }) => certificates.filter((certificate) => certificate.onPath));

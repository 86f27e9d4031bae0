/** What is wrong with the chains that a host serves, whether or not a provider lists them. */
import type { ChainFault } from '../x509/chain';
import type { Finding, Severity } from '../domain/types';
import type { FoldedChain } from '../x509/fold';
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
export function evaluateCertificates(
  chains: readonly FoldedChain[],
  context: HostContext,
): readonly Finding[] {
  return [
    ...invalid(chains, context),
    ...disorderly(chains, context),
    ...incomplete(chains, context),
    ...expiring(chains, context),
    ...weak(chains, context),
  ];
}

const RENEW =
  'Renew the certificate at the issuer. Where AWS checks the list, list the new thumbprint before the change.';

function invalid(chains: readonly FoldedChain[], { name, hostname, now }: HostContext): readonly Finding[] {
  // A publicly trusted chain has a valid path, whatever other certificates it contains.
  const doubtful = chains.filter(({ reported }) => !reported.publiclyTrusted);
  const path = onPath(doubtful);
  const expired = path
    .filter(({ notAfter }) => notAfter < now)
    .map(({ subject }) => `${subject} has expired`);
  const early = path
    .filter(({ notBefore }) => notBefore > now)
    .map(({ subject }) => `${subject} is not valid yet`);
  const strange = path.some(({ role, parsed }) => role === 'leaf' && !namesHost(parsed, hostname))
    ? [`the certificate is not for ${hostname}`]
    : [];
  const problems = [...new Set([...strange, ...expired, ...early])];
  return problems.length === 0
    ? []
    : [
        finding(
          'CERT005',
          'critical',
          `${name}: ${problems.join('; ')}. AWS refuses such a server: logins fail.`,
          RENEW,
        ),
      ];
}

function expiring(
  chains: readonly FoldedChain[],
  { name, now, expiryDays }: HostContext,
): readonly Finding[] {
  const soon = onPath(chains)
    .map(({ subject, notAfter }) => ({
      subject,
      notAfter,
      days: (notAfter.getTime() - now.getTime()) / DAY_MS,
    }))
    .filter(({ days }) => days >= 0 && days <= expiryDays)
    .sort((a, b) => a.days - b.days);
  const [first] = soon;
  if (first === undefined) return [];
  const until = first.notAfter.toISOString().slice(0, 10);
  return [
    finding(
      'CERT001',
      first.days <= URGENT_DAYS ? 'high' : 'medium',
      `${name}: ${first.subject} expires on ${until}, in ${Math.floor(first.days)} days.`,
      RENEW,
    ),
  ];
}

/**
 * AWS: the chain must begin with the leaf and be in order; duplicates and certificates off the path make STS
 * fail.
 */
function disorderly(chains: readonly FoldedChain[], { name }: HostContext): readonly Finding[] {
  const faults = [...new Set(chains.flatMap((chain) => chain.faults))];
  if (faults.length === 0) return [];
  const unrelated = chains.flatMap(({ certificates }) => certificates.filter(({ onPath }) => !onPath));
  const named = [...new Set(unrelated.map(({ subject, thumbprint }) => `${thumbprint} (${subject})`))];
  const words = faults.map((fault) => FAULT_WORDS[fault]).join(', ');
  const whose = named.length === 0 ? '' : ` Not on the path: ${named.join(', ')}.`;
  return [
    finding(
      'CERT002',
      'high',
      `${name} serves a chain ${words}.${whose} AWS documents that STS then fails.`,
      'Let the server send the leaf first, then each issuer in turn, and nothing else.',
    ),
  ];
}

const FAULT_WORDS: Readonly<Record<ChainFault, string>> = {
  misordered: 'in the wrong order',
  duplicated: 'with a certificate twice',
  additional: 'with certificates that do not belong to it',
};

/** OpenSSL's errors for a chain whose next certificate it does not have. */
const NO_ISSUER = /^UNABLE_TO_(GET|VERIFY)/;

/** The end of the path is neither a root nor issued by an authority that is known here. */
function incomplete(chains: readonly FoldedChain[], { name }: HostContext): readonly Finding[] {
  const short = chains.filter(
    ({ certificates, anchored, distrust }) =>
      !certificates.some(({ onPath, selfSigned }) => onPath && selfSigned) &&
      !anchored &&
      distrust !== null &&
      NO_ISSUER.test(distrust),
  );
  const ends = [...new Set(short.flatMap(({ ends }) => ends.map(({ issuer }) => issuer)))];
  return ends.length === 0
    ? []
    : [
        finding(
          'CERT003',
          'medium',
          `The chain of ${name} ends below ${ends.join(' and ')}, which is not served and not known here.`,
          'Let the server send the missing intermediate certificates, or name the private CA in trustAnchors.',
        ),
      ];
}

function weak(chains: readonly FoldedChain[], { name }: HostContext): readonly Finding[] {
  const problems = onPath(chains).flatMap(({ subject, weakKey, weakSignature }) => [
    ...(weakKey ? [`${subject} has an RSA key of less than 2048 bits`] : []),
    ...(weakSignature ? [`${subject} is signed with MD5 or SHA-1`] : []),
  ]);
  return problems.length === 0
    ? []
    : [
        finding(
          'CERT004',
          'medium',
          `${name}: ${[...new Set(problems)].join('; ')}.`,
          'Replace the certificate at the issuer.',
        ),
      ];
}

/**
 * CERT004 of a server whose TLS versions are too old for a current client, so that its certificates cannot be
 * collected.
 */
export const outdated = (name: string): Finding =>
  finding(
    'CERT004',
    'medium',
    `${name} offers no TLS 1.2 or later, so its certificates were not looked at.`,
    'Enable TLS 1.2 or later at the issuer: AWS asks for it.',
  );

const onPath = (chains: readonly FoldedChain[]): readonly FoldedChain['certificates'][number][] =>
  chains.flatMap(({ certificates }) => certificates.filter((certificate) => certificate.onPath));

const finding = (check: Finding['check'], severity: Severity, message: string, remedy: string): Finding => ({
  check,
  severity,
  message,
  remedy,
});

/** The matrix: what can go wrong, and what the monitor then does. Each row has tests: read `docs/faults.md`. */
import type { Group } from './fault';

/** One row. */
export interface Row {
  readonly number: number;
  readonly group: Group;
  readonly fault: string;
  readonly expected: string;
}

type Unnumbered = Omit<Row, 'number'>;

const row = (group: Group, fault: string, expected: string): Unnumbered => ({ group, fault, expected });

/** Row 1 comes first: the number of each is its position. */
const FIRST: readonly Unnumbered[] = [
  row(
    'DNS',
    'no such name, a resolver that fails or stays silent, an empty answer',
    'requested three times, then unknown (DNS_)',
  ),
  row(
    'DNS',
    'some addresses are private, loopback, link-local, metadata, unique local, carrier-grade NAT, or IPv4 in IPv6',
    'these are refused; if none is left, unknown (SSRF_); `allowPrivateNetworks` permits private and loopback addresses of configured issuers, and never link-local or metadata addresses',
  ),
  row(
    'DNS',
    'a second lookup of the name has another answer',
    'connections go to the addresses of the first lookup, which were checked',
  ),
  row(
    'DNS',
    'many addresses; no route to IPv6',
    'at most 8 are probed; an unreachable IPv6 address is no failure if IPv4 works',
  ),
  row('TCP', 'refused, reset, black hole', 'unknown (TCP_) within the connect timeout of 3 s'),
  row('TCP', 'reset after ClientHello; accepted, then silence', 'unknown (TLS_) within 5 s'),
  row('TLS', 'plain HTTP on the port', 'unknown (TLS_)'),
  row(
    'TLS',
    'expired, not valid yet, for another host (CERT005), self-signed or untrusted (CERT006)',
    'the certificates are shown, and the list is compared; no update',
  ),
  row('TLS', 'an incomplete chain', 'CERT003; the path is built of served certificates only'),
  row(
    'TLS',
    'misordered, repeated, unrelated certificates',
    'CERT002; the same thumbprints as in order; unrelated certificates are named and never proposed',
  ),
  row(
    'TLS',
    'the root is served, too; a cross-certificate',
    'both are supported: the last certificate of the served path counts',
  ),
  row(
    'TLS',
    'malformed DER, 100 certificates, 10,000 names, huge extensions',
    'at most 20 certificates of 64 KiB; beyond that unknown (TLS_)',
  ),
  row(
    'TLS',
    'null bytes, newlines, escape sequences, bidirectional marks in names',
    'they name no host, and are escaped wherever they are shown',
  ),
  row(
    'TLS',
    'a client certificate is demanded; TLS 1.1 at most; a default certificate without SNI',
    'unknown (TLS_), or observed; the name is always sent',
  ),
  row(
    'TLS',
    'unrelated hosts change to one authority at once, as behind an inspection proxy',
    'reported as suspicious; no update',
  ),
  row('HTTP', 'a redirect', 'not followed; DISC001 names the target'),
  row('HTTP', 'status 4xx', 'requested once; DISC001'),
  row(
    'HTTP',
    'status 429 or 503, with Retry-After',
    'requested at most three times, before the deadline, then unknown (HTTP_)',
  ),
  row(
    'HTTP',
    'a body over 256 KiB, without an end, or sent very slowly; too many headers',
    'the monitor stops at the size limit, and after 10 s in total',
  ),
  row('HTTP', 'an encoding that was not requested', 'refused'),
  row(
    'HTTP',
    'truncated, of the wrong length, broken chunks',
    'unknown (HTTP_, or OIDC_ if the rest is not JSON)',
  ),
  row(
    'OIDC',
    'not JSON, a byte order mark, an array, null, 100,000 levels, repeated keys, `__proto__`',
    'DISC001; no prototype is changed',
  ),
  row(
    'OIDC',
    'the issuer is missing, another one, with a slash, in other case, of another org',
    'DISC002; no update',
  ),
  row('OIDC', '`jwks_uri` is missing, http:, with a user, an IP address, 10 kB long', 'DISC003'),
  row(
    'OIDC',
    'the host of `jwks_uri` is another one than before',
    'DISC003; no update until it is named in `accept`',
  ),
  row(
    'OIDC',
    'the key set is empty, is not a list, or contains a private key',
    'JWKS001; the thumbprints are compared nevertheless',
  ),
  row('AWS', 'throttling, errors inside AWS, silence', 'retried; what still fails is unknown (AWS_)'),
  row(
    'AWS',
    'one call denied, or all',
    'unknown (AWS_ACCESS_DENIED) with the missing action; all denied: the run fails',
  ),
  row('AWS', 'a provider is deleted during the run', 'PROV001'),
  row('AWS', 'a provider with an empty list', 'in sync if AWS trusts the CA by itself, otherwise THUMB001'),
  row(
    'AWS',
    'somebody else changes the list at the same time',
    'the list is read again and the update decided again, once; then an alert; entries of others stay',
  ),
  row(
    'AWS',
    'IAM still returns the old list after an update',
    'read again for 30 s, then reported as applied and not visible yet',
  ),
  row(
    'SNS',
    'the topic denies, is throttled, does not answer, or does not exist',
    'retried; then the invocation fails, and nothing counts as notified',
  ),
  row(
    'SNS',
    'a message over 256 KiB (700 drifts)',
    'shortened; the message says what is left out, and where to find it',
  ),
  row('SNS', 'a subject with control characters, or of more than 99', 'escaped, and shortened'),
  row(
    'State',
    'the table is missing, throttled, denied',
    'alerts are sent nevertheless, and say so; updates are refused',
  ),
  row(
    'State',
    'an item that is broken, of another format or newer; one target of another form; items of version 1, with or without one that is broken',
    'treated as absent; a copy is kept under another id; no list is updated in that run; counted in a metric; one target costs its own state only; items of version 1 are converted',
  ),
  row('State', 'two runs at once', 'one of them writes; an alert is sent at most twice, and never lost'),
  row('State', 'a first run that finds drift', 'one message with all of it'),
  row(
    'Run',
    'one of many targets fails; all fail',
    'the others are audited; an alert if a target was not audited for three runs or a day',
  ),
  row(
    'Run',
    'the deadline is near',
    'nothing new begins in the last 15 s; what was observed is reported and alerted, the rest is unknown (DEADLINE_)',
  ),
  row(
    'Run',
    'clocks that differ, change or stand still',
    'time is an argument, and only differences of UTC count',
  ),
  row('Run', 'no runs', 'an alarm of CloudWatch'),
  row(
    'Run',
    'servers that alternate during a rotation',
    'what was observed in seven days decides: one message',
  ),
  row('Run', 'an unknown action or key, an event that is not valid', 'EventError; no call of AWS'),
  row(
    'Run',
    'nobody has confirmed a subscription',
    'published nevertheless, and again on each run until a subscription is confirmed',
  ),
  row(
    'Run',
    'a key type that is not offered; an address that does not answer any more',
    'the first is no failure; the second is shown as unanswered',
  ),
  row('Run', 'somebody removes what the monitor added', 'the monitor never adds it again; one alert'),
];

/** Rows that were added later, each with its number. */
const LATER: readonly Row[] = [
  {
    number: 49,
    ...row(
      'TLS',
      "a cross-certificate made of the public half of an honest CA's key, with or without the root that signed it",
      'it is expected and not proposed: CERT007; no update, no hold-down, no command',
    ),
  },
  {
    number: 50,
    ...row(
      'TLS',
      'a cross-signed copy with a damaged signature, or one without a path to a trust anchor; copies that fill the list',
      'it is no copy, and never the only expected value; not proposed; a full list never loses an entry that was anchored once',
    ),
  },
  {
    number: 51,
    ...row(
      'TLS',
      "a private CA or an inspection proxy in the process's trust store",
      'a private CA; NET001 for hosts that are always public',
    ),
  },
  {
    number: 52,
    ...row(
      'AWS',
      'parts that cannot be parsed: an empty list, another case, unknown or repeated elements; `*`, `{"*": "*"}` and NotPrincipal; escaped slashes',
      'the other statements are evaluated; the role counts as one that may trust every provider: one finding for it, no PROV004; a principal that names no provider is critical',
    ),
  },
  {
    number: 53,
    ...row(
      'Run',
      'roles that are expensive to evaluate, more of them than there is time for',
      'a limit of steps for each role, and the deadline between roles; the other roles are named, and neither resolved nor reported as new; alerts are sent, and the state is saved',
    ),
  },
  {
    number: 54,
    ...row(
      'State',
      'thousands of subjects, an item that would be too large, a table that accepts no write, a version that cannot be increased or is decimal',
      'subjects are stored as short hashes, and each target has a share of the item; such a version is replaced, and a conflict is still detected; what cannot be saved is alerted in the same run, with what waits for a second run (OPS002, at most once a day unless something critical is new), and an alarm of CloudWatch',
    ),
  },
  {
    number: 55,
    ...row(
      'State',
      'forged items',
      'only identifiers and numbers are used, and every text is generated; no update is accepted if updates are off or IAM does not list it; no stored sentence reaches a message',
    ),
  },
  {
    number: 56,
    ...row(
      'Run',
      'listed values, ARNs, names and URLs in a printed command that begin with `-` or contain shell syntax',
      'thumbprint commands contain hexadecimal values only; no text of others becomes an option; if a value has another form, no command is printed and the text says why',
    ),
  },
  {
    number: 57,
    ...row(
      'Run',
      'hundreds of findings of low severity beside a critical one',
      'the critical one is in subject and body; similar ones are one paragraph; what a message does not name does not count as notified',
    ),
  },
  {
    number: 58,
    ...row(
      'Run',
      'copied examples with values that whoever starts a pipeline chooses',
      'nothing is interpolated into a shell; role and registry are no parameters',
    ),
  },
  {
    number: 61,
    ...row(
      'Run',
      'a later deployment without the flags of the first',
      'nothing is removed unless the file permits it: the file names subscriptions, orgs and dashboard, or synth fails',
    ),
  },
  {
    number: 62,
    ...row(
      'DNS',
      'no such domain, although its suffix exists; an alias of a name that does not exist; DNS servers that answer only a part',
      'DISC005, at once, if somebody else can create the name; a name that only the owner of its domain can create, a reserved name, and everything that is not answered are unknown (DNS_)',
    ),
  },
  {
    number: 63,
    ...row(
      'HTTP',
      'a bucket that does not exist',
      'DISC005, at once, with the name of the bucket; every other status 4xx is DISC001',
    ),
  },
];

/** All rows, by number. */
export const ROWS: readonly Row[] = [
  ...FIRST.map((each, index) => ({ number: index + 1, ...each })),
  ...LATER,
];

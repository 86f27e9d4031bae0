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
    'asked three times, then unknown (DNS_)',
  ),
  row(
    'DNS',
    'some addresses are private, loopback, link-local, metadata, unique local, carrier-grade NAT, or IPv4 in IPv6',
    'these are refused; where none is left, unknown (SSRF_); `allowPrivateNetworks` permits private and loopback addresses of configured issuers, and never link-local or metadata addresses',
  ),
  row(
    'DNS',
    'the name leads elsewhere at the second question',
    'connections go to the addresses that were judged',
  ),
  row(
    'DNS',
    'many addresses; no route to IPv6',
    'at most 8 are probed; an IPv6 address out of reach is no failure while IPv4 works',
  ),
  row('TCP', 'refused, reset, black hole', 'unknown (TCP_) within the connect timeout of 3 s'),
  row('TCP', 'reset after ClientHello; accepted, then silence', 'unknown (TLS_) within 5 s'),
  row('TLS', 'plain HTTP on the port', 'unknown (TLS_)'),
  row(
    'TLS',
    'expired, not valid yet, for another host (CERT005), self-signed or untrusted (CERT006)',
    'the certificates are shown and drift is judged; no update',
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
    'both are understood: what counts is the end of the served path',
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
    'told as suspicious; no update',
  ),
  row('HTTP', 'a redirect', 'not followed; DISC001 names where it leads'),
  row('HTTP', 'status 4xx', 'asked once; DISC001'),
  row(
    'HTTP',
    'status 429 or 503, with Retry-After',
    'asked three times at most, inside the deadline, then unknown (HTTP_)',
  ),
  row(
    'HTTP',
    'a body over 256 KiB, without end, drop by drop; a flood of headers',
    'cut off by size, and after 10 s in all',
  ),
  row('HTTP', 'an encoding that nobody asked for', 'refused'),
  row(
    'HTTP',
    'truncated, of the wrong length, broken chunks',
    'unknown (HTTP_, or OIDC_ where the rest is no JSON)',
  ),
  row(
    'OIDC',
    'no JSON, a byte order mark, an array, null, 100,000 levels, repeated keys, `__proto__`',
    'DISC001; no prototype is touched',
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
    'the key set is empty, no list, or holds a private key',
    'JWKS001; thumbprints are judged all the same',
  ),
  row('AWS', 'throttling, errors inside AWS, silence', 'retried; what is left is unknown (AWS_)'),
  row(
    'AWS',
    'one call denied, or all',
    'unknown (AWS_ACCESS_DENIED) with the missing action; all denied: the run fails',
  ),
  row('AWS', 'a provider is deleted during the run', 'PROV001'),
  row(
    'AWS',
    'a provider with an empty list',
    'in sync where AWS trusts the authority by itself, else THUMB001',
  ),
  row(
    'AWS',
    'another writer at the same moment',
    'one more look and decision, then people are told; what they listed stays',
  ),
  row(
    'AWS',
    'the old list is visible after an update',
    'looked for during 30 s, then told as applied and not visible yet',
  ),
  row(
    'SNS',
    'the topic denies, is throttled, silent or gone',
    'retried; then the invocation fails, and nothing counts as told',
  ),
  row('SNS', 'a message over 256 KiB (700 drifts)', 'summarised; says what is left out, and where it is'),
  row('SNS', 'a subject with control characters, or of more than 99', 'made printable, and cut'),
  row(
    'State',
    'the store is lost, throttled, denied',
    'alerts go out all the same and say so; updates are refused',
  ),
  row(
    'State',
    'an item that is broken, of another format or newer; one target of another form; items of version 1, with or without one that is broken',
    'treated as absent; a copy is kept under another id; no list is updated in that run; counted in a metric; one target costs its own state only; items of version 1 are converted',
  ),
  row('State', 'two runs at once', 'one of them writes; an alert is told twice at most, and never lost'),
  row('State', 'a first run that finds drift', 'one message with all of it'),
  row(
    'Run',
    'one of many targets fails; all fail',
    'the others are judged; being blind for three runs or a day is told',
  ),
  row(
    'Run',
    'the end of the time is near',
    'nothing new begins in the last 15 s; what was seen is reported and told, the rest is unknown (DEADLINE_)',
  ),
  row(
    'Run',
    'clocks that differ, change or stand still',
    'time is an argument, and differences of UTC alone are counted',
  ),
  row('Run', 'no runs', 'an alarm of CloudWatch'),
  row('Run', 'edges that take turns during a rotation', 'what was seen in seven days decides: one message'),
  row('Run', 'an unknown action or key, garbage for an event', 'EventError; no call of AWS'),
  row(
    'Run',
    'nobody has confirmed a subscription',
    'published all the same, and again at each run until somebody listens',
  ),
  row(
    'Run',
    'a key type that is not offered; an address that is silent now',
    'the first is no fault; the second is shown as unanswered',
  ),
  row('Run', 'somebody removes what the monitor added', 'never added again by itself; told once'),
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
      'a cross-signed copy with a damaged signature, or one that no anchor stands behind; copies that fill the list',
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
      'a limit of steps for each role, and the deadline between roles; what is left is named, and neither resolved nor found anew; alerts go out, and the state is saved',
    ),
  },
  {
    number: 54,
    ...row(
      'State',
      'thousands of subjects, an item that would be too large, a table that takes nothing, a version that cannot be increased or is decimal',
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
      'thumbprint commands hold hexadecimal values only; no foreign word becomes an option; if a value has another form, no command is printed and the text says why',
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
      'nothing is removed without a question: the file names subscriptions, orgs and dashboard, or synth fails',
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

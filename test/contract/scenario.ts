/**
 * The public contracts for one account over four days: the deployed bundle and the command line against embedded
 * endpoints, with real handshakes. Structured data only; values that differ from run to run have names.
 */
import {
  CreateRoleCommand,
  IAMClient,
  UpdateOpenIDConnectProviderThumbprintCommand,
} from '@aws-sdk/client-iam';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';
import { startAws } from '../../demo/aws';
import type { EmbeddedAws } from '../../demo/aws';
import { startFunction } from '../../demo/function';
import type { Invocation } from '../../demo/function';
import { startIssuer } from '../../demo/issuer';
import type { Issuer } from '../../demo/issuer';
import { withPublicRoots } from '../../demo/public-roots';
import { startTable } from '../../demo/table';
import { buildFunction } from '../../infra/build/build';
import { commandLine } from '../support/command-line';
import { settings } from '../support/emulator';
import { createProvider } from '../support/let-in';
import { allow, keyOf, narrow, policyOf } from '../support/roles';

/** The record of the scenario: any JSON, by the name of the step. */
export type Recording = Readonly<Record<string, unknown>>;

const orgOf = (letter: string): string => `${letter.repeat(8)}-1111-4111-8111-111111111111`;
const [A, B, C, MISSING, DOWN] = [orgOf('a'), orgOf('b'), orgOf('c'), orgOf('d'), orgOf('e')];
const LONG = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2036-01-01T00:00:00Z') };
const BEGIN = Date.parse('2026-12-01T06:00:00Z');
const HOUR_MS = 3_600_000;

interface Authority {
  readonly root: Identity;
  /** Leaf and intermediate, of the first year and of the second. */
  readonly chains: readonly (readonly Identity[])[];
}

async function foundAuthority(name: string): Promise<Authority> {
  const root = await mint({ ...LONG, commonName: `${name} Root`, ca: true });
  const chains = [];
  for (const year of ['One', 'Two', 'Three']) {
    const middle = await mint({
      ...LONG,
      commonName: `${name} Intermediate ${year}`,
      ca: true,
      signedBy: root,
    });
    const leaf = await mint({ ...LONG, commonName: 'localhost', hosts: ['localhost'], signedBy: middle });
    chains.push([leaf, middle]);
  }
  return { root, chains };
}

const chainOf = ({ chains }: Authority, year: number): readonly Identity[] => chains[year] ?? [];

/** Plays it, and returns the record. */
export async function playScenario(): Promise<Recording> {
  const folder = mkdtempSync(join(tmpdir(), 'thumbprint-contract-'));
  const [inside, outside] = [await foundAuthority('Private'), await foundAuthority('Public')];
  const { server, open } = await startIssuers();
  server.rotate([chainOf(inside, 0)]);
  open.rotate([chainOf(outside, 0)]);
  const [aws, table] = await Promise.all([startAws(), startTable()]);
  const cli = commandLine();
  const publicRoots = join(folder, 'public.pem');
  const privateRoots = join(folder, 'private.pem');
  writeFileSync(publicRoots, outside.root.pem);
  writeFileSync(privateRoots, inside.root.pem);
  const iam = new IAMClient(settings(aws.url));
  const topics = await createTopics(aws);
  const providers = await fillAccount(iam, { server, open, inside });
  const down = `https://localhost:1/org/${DOWN}`;
  const config = {
    issuers: [server.issuerOf(A), server.issuerOf(B), open.issuerOf(C), server.issuerOf(MISSING), down],
    trustAnchors: { [`localhost:${server.port}`]: inside.root.pem },
    allowPrivateNetworks: true,
    accept: [{ check: 'PROV001', issuer: server.issuerOf(MISSING), reason: 'Planned.', until: '2026-12-03' }],
    topicArn: topics.alerts,
    stateTable: table.name,
  };
  const deployed = async (changes: object): ReturnType<typeof startFunction> =>
    startFunction({
      bundle: buildFunction().entry,
      environment: {
        AWS_REGION: 'eu-west-1',
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_ENDPOINT_URL: aws.url,
        AWS_ENDPOINT_URL_DYNAMODB: table.url,
        ...withPublicRoots(publicRoots),
        MONITOR_CONFIG: JSON.stringify({ ...config, ...changes }),
      },
    });
  const recording: Record<string, unknown> = {};
  const monitor = await deployed({});
  const repairing = await deployed({ update: 'enforced-only', chatTopicArn: topics.chat });
  const broken = await deployed({ holdDownHours: -1, colour: 'red' });

  /** One invocation so many hours after the beginning, and the messages that it sent. */
  const record = async (
    step: string,
    hours: number,
    event: unknown = { action: 'monitor' },
    by = monitor,
  ): Promise<Invocation> => {
    const sent = aws.published().length;
    const invocation = await by.invoke(event, new Date(BEGIN + hours * HOUR_MS));
    recording[step] = {
      invocation,
      messages: aws
        .published()
        .slice(sent)
        .map(({ topicArn, attributes, message }) => ({ topicArn, attributes, body: bodyIn(message) })),
    };
    return invocation;
  };

  try {
    await record('first run', 0);
    await record('second run', 6);
    server.rotate([chainOf(inside, 1)]);
    await record('rotation', 12);
    await record('rotation, again', 18);
    await record('audit', 18, null);
    await record('audit of one issuer', 18, { action: 'audit', issuers: [open.issuerOf(C)] });
    await record('test alert', 18, { action: 'test-alert' });
    await correct(iam, providers, inside, 1);
    await record('corrected', 24);
    await record('corrected, again', 30);
    await record('reminder', 78);
    server.rotate([chainOf(inside, 2)]);
    await record('rotation with updates', 84, undefined, repairing);
    await record('after the update', 90, undefined, repairing);
    await record('unknown action', 90, { action: 'adit' });
    await record('wider than configured', 90, { issuers: ['https://elsewhere.example.com'] });
    await record('wrong configuration', 90, undefined, broken);
    recording['command line'] = await commands(
      cli,
      { server, open, privateRoots },
      {
        AWS_ENDPOINT_URL: aws.url,
        AWS_REGION: 'eu-west-1',
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        ...withPublicRoots(publicRoots),
      },
    );
    // The SDK takes a refusal for a wrong clock, since the clock of the function is ahead, and retries again and again.
    aws.failNext('ListOpenIDConnectProviders', { status: 403, code: 'AccessDenied', times: 99 });
    await record('denied', 96);
    const names = [...named('private', inside), ...named('public', outside)];
    return withoutSentences(renamed(recording, names, { [server.port]: '<server>', [open.port]: '<open>' }));
  } finally {
    iam.destroy();
    cli.remove();
    await Promise.all([monitor.stop(), repairing.stop(), broken.stop()]);
    await Promise.all([server.close(), open.close(), aws.close(), table.close()]);
    rmSync(folder, { recursive: true });
  }
}

/** Targets are sorted by their URLs, so the ports decide which issuer is which. */
async function startIssuers(): Promise<{ readonly server: Issuer; readonly open: Issuer }> {
  const chain = [await mint({ ...LONG, commonName: 'localhost', hosts: ['localhost'] })];
  const one = await startIssuer({ chain });
  const other = await startIssuer({ chain });
  return one.url < other.url ? { server: one, open: other } : { server: other, open: one };
}

async function createTopics(aws: EmbeddedAws): Promise<{ readonly alerts: string; readonly chat: string }> {
  const sns = new SNSClient(settings(aws.url));
  const create = async (name: string): Promise<string> =>
    (await sns.send(new CreateTopicCommand({ Name: name }))).TopicArn ?? '';
  const alerts = await create('Alerts');
  await sns.send(new SubscribeCommand({ TopicArn: alerts, Protocol: 'email', Endpoint: 'you@example.com' }));
  aws.confirm(alerts, 'you@example.com');
  const chat = await create('Chat');
  sns.destroy();
  return { alerts, chat };
}

interface World {
  readonly server: Issuer;
  readonly open: Issuer;
  readonly inside: Authority;
}

/** Providers in sync and not, and roles from narrow to open. */
async function fillAccount(iam: IAMClient, { server, open, inside }: World): Promise<readonly string[]> {
  const thumbprint = chainOf(inside, 0)[1]?.thumbprint ?? '';
  const listing = (issuer: string, org: string, thumbprints: readonly string[]): Promise<string> =>
    createProvider(iam, { issuer, audiences: [org], thumbprints });
  const a = await listing(server.issuerOf(A), A, [thumbprint]);
  const b = await listing(server.issuerOf(B), B, [thumbprint]);
  const c = await listing(open.issuerOf(C), C, ['9e99a48a9960b14926bb7f3b02e22da2b0ab7280']);
  await listing(`https://localhost:1/org/${DOWN}`, DOWN, [thumbprint]);
  const role = (name: string, ...statements: readonly object[]): Promise<unknown> =>
    iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: policyOf(...statements) }));
  await role('narrow', allow(a, narrow(a)));
  await role('open', allow(b));
  await role('no-audience', allow(c, { StringLike: { [keyOf(c, 'sub')]: `org/${C}/project/*` } }));
  await role('two', allow(a, narrow(a)), allow(c, narrow(c)));
  return [a, b];
}

/** Somebody runs the command of the mail. */
async function correct(
  iam: IAMClient,
  providers: readonly string[],
  authority: Authority,
  year: number,
): Promise<void> {
  const thumbprints = [year - 1, year].map((each) => chainOf(authority, each)[1]?.thumbprint ?? '');
  for (const arn of providers) {
    await iam.send(
      new UpdateOpenIDConnectProviderThumbprintCommand({
        OpenIDConnectProviderArn: arn,
        ThumbprintList: thumbprints,
      }),
    );
  }
}

/** Exit codes, and the report as JSON. */
async function commands(
  cli: ReturnType<typeof commandLine>,
  { server, open, privateRoots }: Pick<World, 'server' | 'open'> & { readonly privateRoots: string },
  environment: Readonly<Record<string, string>>,
): Promise<Recording> {
  const inside = ['--issuer', server.issuerOf(A), '--ca-file', privateRoots, '--allow-private-networks'];
  const outside = ['--issuer', open.issuerOf(C), '--allow-private-networks'];
  const calls: readonly (readonly [string, readonly string[]])[] = [
    ['in sync', ['audit', ...inside, '--output', 'json', '--fail-on', 'low']],
    ['drifted', ['audit', ...outside, '--output', 'json', '--fail-on', 'high']],
    ['drifted, lower threshold', ['audit', ...outside, '--output', 'json', '--fail-on', 'low']],
    ['not audited', ['audit', '--issuer', `https://localhost:1/org/${DOWN}`, '--output', 'json']],
    ['wrong', ['audit', '--output', 'yaml']],
    ['version', ['--version']],
  ];
  const results: Record<string, unknown> = {};
  for (const [name, args] of calls) {
    const { code, stdout } = await cli.run(args, environment);
    results[name] = { code, report: atAnyTime(jsonOrNull(stdout)) };
  }
  return results;
}

/** The command line has the clock of this machine. */
function atAnyTime(report: unknown): unknown {
  if (typeof report !== 'object' || report === null) return report;
  const { startedAt, finishedAt, ...rest } = v.parse(v.record(v.string(), v.unknown()), report);
  return { ...rest, times: [typeof startedAt, typeof finishedAt] };
}

/** The machine message of a body with one text a protocol; what else a message holds is for people. */
function bodyIn(message: string): unknown {
  const parsed = v.safeParse(v.object({ default: v.string() }), jsonOrNull(message));
  return parsed.success ? jsonOrNull(parsed.output.default) : null;
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const named = (name: string, { root, chains }: Authority): readonly (readonly [string, string])[] => [
  [root.thumbprint, `<${name} root>`],
  ...chains.flatMap(([leaf, middle], index) => [
    [leaf?.thumbprint ?? '', `<${name} leaf ${index + 1}>`] as const,
    [middle?.thumbprint ?? '', `<${name} intermediate ${index + 1}>`] as const,
  ]),
];

/** Random values get names: thumbprints, ports, and what is left of fingerprints and key ids by the order of appearance. */
function renamed(
  recording: Recording,
  names: readonly (readonly [string, string])[],
  ports: Readonly<Record<string, string>>,
): Recording {
  let text = JSON.stringify(recording);
  for (const [value, name] of names) text = text.replaceAll(value, name);
  for (const [port, name] of Object.entries(ports))
    text = text.replaceAll(`localhost:${port}`, `localhost:${name}`);
  const others = new Map<string, string>();
  text = text.replaceAll(
    /\b[0-9a-f]{40,64}\b|(?:[0-9A-F]{2}:){31}[0-9A-F]{2}|"[\w-]{43}"|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g,
    (value) => {
      if (/^(.)\1{7}-1111/.test(value) || value === '9e99a48a9960b14926bb7f3b02e22da2b0ab7280') return value;
      const name = others.get(value) ?? `<value ${others.size + 1}>`;
      others.set(value, name);
      return value.startsWith('"') ? JSON.stringify(name) : name;
    },
  );
  // The clock of the function goes on from the time that each step sets.
  text = text.replaceAll(/(\d{4}-\d\d-\d\dT\d\d:\d\d):\d\d\.\d{3}Z/g, '$1');
  const parsed: unknown = JSON.parse(text);
  return v.parse(v.record(v.string(), v.unknown()), parsed);
}

/** Texts for people, which other issues may change, and durations. */
const SENTENCES = ['text', 'message', 'remedy', 'subject', 'errorMessage', 'milliseconds', 'nodeVersion'];

function withoutSentences(recording: Recording): Recording {
  const clean = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(clean);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => !SENTENCES.includes(key))
        .map(([key, inner]: [string, unknown]) => [key, clean(inner)]),
    );
  };
  return Object.fromEntries(Object.entries(recording).map(([step, value]) => [step, clean(value)]));
}

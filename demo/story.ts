/** The story of the demo: what happens in five days, as events. Each step compares its result with the expected one. */
import { UpdateOpenIDConnectProviderThumbprintCommand } from '@aws-sdk/client-iam';
import type { IAMClient } from '@aws-sdk/client-iam';
import * as v from 'valibot';
import type { EventType } from '../lambda/domain/event-types';
import { SEVERITIES } from '../lambda/domain/severity';
import { remedySteps } from '../lambda/remedies/steps';
import type { RemedyStep } from '../lambda/remedies/steps';
import type { EmbeddedAws } from './aws';
import { THUMBPRINT_MISMATCH } from './aws/issuer-keys';
import { logIn, tokenOf } from './login';
import type { Login } from './login';
import { NAME, ORGS, PROJECT, READER, chainBelow, roleOf } from './stage';
import type { Stage } from './stage';

const USER = '3f6c1d27-90ab-4e5d-8c7f-6a5b4c3d2e1f';

/** Of a report, what the demo shows and checks. */
const RunReport = v.object({
  summary: v.object({ inSync: v.number(), drifted: v.number() }),
  targets: v.array(
    v.object({
      enforced: v.boolean(),
      findings: v.array(
        v.object({
          check: v.string(),
          severity: v.picklist(SEVERITIES),
          message: v.string(),
          remedy: v.string(),
        }),
      ),
    }),
  ),
});
type RunReport = v.InferOutput<typeof RunReport>;

/** A finding of a report. */
export type ShownFinding = RunReport['targets'][number]['findings'][number];

/** A mail, as its recipient reads it. */
export interface Mail {
  readonly to: string;
  /** What it reports: the message attribute of this name. */
  readonly eventTypes: readonly string[];
  readonly subject: string;
  readonly body: string;
}

/** What happens in the demo, in its order. */
export type StoryEvent =
  | { readonly kind: 'intro'; readonly title: string; readonly paragraphs: readonly string[] }
  | { readonly kind: 'step'; readonly at: Date; readonly title: string; readonly explanation: string }
  | { readonly kind: 'run'; readonly runs: number; readonly inSync: number; readonly drifted: number }
  | { readonly kind: 'finding'; readonly finding: ShownFinding }
  /** Null: the run sent none. */
  | { readonly kind: 'mail'; readonly mail: Mail | null }
  | { readonly kind: 'login'; readonly login: Login }
  | { readonly kind: 'fix'; readonly steps: readonly RemedyStep[] }
  /** The demo itself found something else than it announced. */
  | { readonly kind: 'unexpected'; readonly message: string }
  | { readonly kind: 'end'; readonly asExpected: boolean };

/** The error that ends the story early. */
export class StoryError extends Error {
  override readonly name = 'StoryError';
}

/** What a user must know before the story begins. */
export const INTRODUCTION: StoryEvent = {
  kind: 'intro',
  title: 'Thumbprint drift monitor: a demo of five days in a few seconds',
  paragraphs: [
    'Everything runs on this computer: the code that is deployed to AWS Lambda, local endpoints for IAM, STS, SNS and DynamoDB, and a CircleCI Server. You need no AWS account. The demo sets its clock forward.',
    `${NAME} is the CircleCI Server, the OIDC issuer. It has a certificate of a private CA, which AWS does not trust by itself. A CI job can log in to AWS only if the OIDC provider in IAM lists the thumbprint (SHA-1) of the CA certificate that the issuer sends. The AWS account has an OIDC provider and a role for each of two organizations.`,
    'The monitor runs every 6 hours and compares the lists in IAM with the certificates that the issuer sends.',
  ],
};

/** The default interval of the schedule in the stack. */
const INTERVAL_HOURS = 6;
const HOUR_MS = 3_600_000;
/** Three days after the first mail and a minute: a schedule is not exact to the millisecond. */
const REMINDER_HOURS = 12 + 72 + 1 / 60;

/** The expected result of a run. Every provider has the same issuer, so all have the same state. */
interface Expected {
  readonly state: 'inSync' | 'drifted';
  readonly mail: Extract<EventType, `drift.${string}`> | null;
  /** To be shown. @default false */
  readonly findings?: boolean;
}

/** Plays the story on a stage. Throws StoryError if it cannot go on. */
export async function* playStory(stage: Stage): AsyncGenerator<StoryEvent> {
  let asExpected = true;
  for await (const event of events(stage, new Date())) {
    if (event.kind === 'unexpected') asExpected = false;
    yield event;
  }
  yield { kind: 'end', asExpected };
}

async function* events(stage: Stage, begin: Date): AsyncGenerator<StoryEvent> {
  const { issuer, root } = stage;
  const at = (hours: number): Date => new Date(begin.getTime() + hours * HOUR_MS);
  const step = (hours: number, title: string, explanation: string): StoryEvent => ({
    kind: 'step',
    at: at(hours),
    title,
    explanation,
  });
  const hasTwoServers = issuer.edges.length > 1;
  yield step(
    0,
    'Everything is in sync',
    hasTwoServers
      ? `Two servers answer for ${NAME}. Both providers list the thumbprint of the CA certificate that these servers send.`
      : `Both providers list the thumbprint of the CA certificate that ${NAME} sends.`,
  );
  const first = yield* run(stage, [at(0)], { state: 'inSync', mail: null });
  if (!first.targets.every(({ enforced }) => enforced))
    yield { kind: 'unexpected', message: 'The monitor reports that AWS does not use these lists.' };
  yield* tryLogin(stage, 'works');

  const renewed = await chainBelow(root, 'Demo Intermediate CA 2026');
  if (hasTwoServers) {
    issuer.rotate([renewed], issuer.edges[0]);
    yield step(
      6,
      'One server gets a certificate from a new CA',
      'AWS still connects to the other server, so CI jobs can log in. The monitor connects to both servers and finds that IAM does not list the thumbprint of the new CA. A second run must confirm such a finding before the monitor sends a mail.',
    );
    yield* run(stage, [at(6)], { state: 'drifted', mail: null, findings: true });
    yield* tryLogin(stage, 'works');

    yield step(
      12,
      'The second run confirms the drift: a mail, before any login fails',
      'The finding is the same. The monitor sends a mail to the address that is subscribed to the SNS topic.',
    );
    yield* run(stage, [at(12)], { state: 'drifted', mail: 'drift.firing' });
    yield* tryLogin(stage, 'works');

    yield step(18, 'Three days pass and nobody fixes it', 'The monitor does not repeat a mail at each run.');
    const next = Array.from({ length: 10 }, (_, index) => at(24 + index * INTERVAL_HOURS));
    yield* run(stage, [at(18), ...next], { state: 'drifted', mail: null });

    yield step(REMINDER_HOURS, 'A reminder', 'The drift is three days old, so the monitor sends a reminder.');
    yield* run(stage, [at(REMINDER_HOURS)], { state: 'drifted', mail: 'drift.reminder' });
    yield* tryLogin(stage, 'works');
  }

  issuer.rotate([renewed]);
  yield step(
    90,
    hasTwoServers
      ? 'The other server gets the new certificate too: logins fail'
      : 'The server gets a certificate from a new CA: logins fail',
    'AWS now receives the certificate of a CA that IAM does not list, so the logins of the CI jobs fail. The finding is critical now. The monitor sends a mail about a critical finding in the same run, after a second connection confirms it.',
  );
  const drifted = yield* run(stage, [at(90)], { state: 'drifted', mail: 'drift.firing', findings: true });
  yield* tryLogin(stage, 'fails');

  yield step(
    91,
    'You fix it',
    'You run the commands from the mail. They add the new thumbprint to the lists in IAM, and keep the old one.',
  );
  const steps = updateSteps(drifted);
  yield { kind: 'fix', steps };
  await runCommands(stage.iam, steps);
  yield* tryLogin(stage, 'works');

  yield step(
    96,
    'The next run finds both providers in sync',
    'A second run must confirm this before the monitor reports that the drift is resolved.',
  );
  yield* run(stage, [at(96)], { state: 'inSync', mail: null });

  yield step(102, 'The second run confirms it: the last mail', 'The mail says that the drift is resolved.');
  yield* run(stage, [at(102)], { state: 'inSync', mail: 'drift.resolved' });
  yield* tryLogin(stage, 'works');
}

/** Runs of the monitor, their mail, and whether both are as expected. The report is that of the last run. */
async function* run(
  stage: Stage,
  times: readonly [Date, ...Date[]],
  expected: Expected,
): AsyncGenerator<StoryEvent, RunReport> {
  const sent = stage.aws.published().length;
  const [first, ...more] = times;
  let report = await invoke(stage, first);
  let isInState = report.summary[expected.state] === ORGS.length;
  for (const at of more) {
    report = await invoke(stage, at);
    isInState &&= report.summary[expected.state] === ORGS.length;
  }
  const { inSync, drifted } = report.summary;
  yield { kind: 'run', runs: times.length, inSync, drifted };
  if (!isInState)
    yield { kind: 'unexpected', message: `${ORGS.length} providers should be ${STATES[expected.state]}.` };
  if (expected.findings === true) yield* findingsOf(report);
  const mails = mailsSince(stage.aws, sent);
  for (const mail of mails.length === 0 ? [null] : mails) yield { kind: 'mail', mail };
  const isNotified =
    expected.mail === null
      ? mails.length === 0
      : mails.length === 1 && mails[0]?.eventTypes.includes(expected.mail) === true;
  if (!isNotified)
    yield { kind: 'unexpected', message: `There should be ${MAILS[expected.mail ?? 'none']}.` };
  return report;
}

const STATES = { inSync: 'in sync', drifted: 'drifted' } as const;
const MAILS = {
  none: 'no mail',
  'drift.firing': 'one mail about the drift',
  'drift.reminder': 'one reminder of the drift',
  'drift.resolved': 'one mail that the drift is resolved',
} as const;

async function invoke({ monitor }: Stage, at: Date): Promise<RunReport> {
  const invocation = await monitor.invoke({ action: 'monitor' }, at);
  if (!invocation.ok)
    throw new StoryError(`The monitor failed: ${invocation.errorType}: ${invocation.errorMessage}`);
  return v.parse(RunReport, invocation.payload);
}

/** Findings of the run. The providers have the same issuer, so each text is shown once. */
function* findingsOf({ targets }: RunReport): Generator<StoryEvent> {
  const findings = targets.flatMap((target) => target.findings);
  for (const finding of new Map(findings.map((each) => [each.message, each])).values())
    yield { kind: 'finding', finding };
}

const mailsSince = (aws: EmbeddedAws, sent: number): readonly Mail[] =>
  aws
    .published()
    .slice(sent)
    .map(({ subject = '', message, attributes }) => ({
      to: READER,
      eventTypes: v.parse(v.array(v.string()), JSON.parse(attributes['eventTypes']?.value ?? '[]')),
      subject,
      body: v.parse(v.object({ email: v.string() }), JSON.parse(message)).email,
    }));

/** A CI job of the first organization asks AWS for its role. */
async function* tryLogin({ aws, issuer }: Stage, expected: 'works' | 'fails'): AsyncGenerator<StoryEvent> {
  const [org = ''] = ORGS;
  const token = tokenOf(issuer, { org, project: PROJECT, user: USER });
  const login = await logIn(aws.url, token, `arn:aws:iam::123456789012:role/${roleOf(org)}`);
  yield { kind: 'login', login };
  if (login.works !== (expected === 'works'))
    yield { kind: 'unexpected', message: `This login should ${expected === 'works' ? 'work' : 'fail'}.` };
  else if (!login.works && login.reason !== THUMBPRINT_MISMATCH)
    yield { kind: 'unexpected', message: 'This login should fail because of the thumbprint.' };
}

const UPDATE = 'aws iam update-open-id-connect-provider-thumbprint';

/** The steps of all remedies that add the thumbprint, each once. */
function updateSteps({ targets }: RunReport): readonly RemedyStep[] {
  const steps = targets
    .flatMap(({ findings }) => findings)
    .flatMap(({ remedy }) => remedySteps(remedy))
    .filter(({ command }) => command?.startsWith(UPDATE) === true);
  return [...new Map(steps.map((step) => [step.command, step])).values()];
}

/** Does what the commands of the remedies do: the demo works without the AWS CLI. */
async function runCommands(iam: IAMClient, steps: readonly RemedyStep[]): Promise<void> {
  for (const { command } of steps) {
    const words = (command ?? '').replaceAll('\\\n', ' ').split(/\s+/);
    await iam.send(
      new UpdateOpenIDConnectProviderThumbprintCommand({
        OpenIDConnectProviderArn: valuesOf('--open-id-connect-provider-arn', words)[0],
        ThumbprintList: valuesOf('--thumbprint-list', words),
      }),
    );
  }
}

/** The words between an option and the next one. */
function valuesOf(option: string, words: readonly string[]): string[] {
  const after = words.slice(words.indexOf(option) + 1);
  const end = after.findIndex((word) => word.startsWith('--'));
  return end === -1 ? after : after.slice(0, end);
}

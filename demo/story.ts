/** The story of the demo, step by step: each says what it does, and whether the result is right. */
import { UpdateOpenIDConnectProviderThumbprintCommand } from '@aws-sdk/client-iam';
import type { IAMClient } from '@aws-sdk/client-iam';
import * as v from 'valibot';
import type { EmbeddedAws } from './aws';
import { logIn, tokenOf } from './login';
import { ORGS, PROJECT, READER, chainBelow, roleOf } from './stage';
import type { Stage } from './stage';

const USER = '3f6c1d27-90ab-4e5d-8c7f-6a5b4c3d2e1f';

/** Of a report, what the story checks. */
const Told = v.object({
  summary: v.object({ inSync: v.number(), drifted: v.number() }),
  targets: v.array(
    v.object({
      providerArn: v.string(),
      listed: v.array(v.string()),
      expected: v.array(v.string()),
      enforced: v.boolean(),
    }),
  ),
});
type Told = v.InferOutput<typeof Told>;

/** The stage, and when the story begins, in milliseconds. */
type Scene = Stage & { readonly begin: number };

const HOUR_MS = 3_600_000;

/** Prints the next step and, if its result is not the announced one, ends the demo with exit code 1. */
function check(right: boolean, words: string): void {
  console.log(`  ${right ? 'ok' : 'WRONG'}  ${words}`);
  if (!right) process.exitCode = 1;
}

/** The class of errors that end the story early. */
export class StoryError extends Error {
  override readonly name = 'StoryError';
}

/** Plays the story on a stage. Sets exit code 1 if it goes wrong; throws StoryError if it cannot go on. */
export async function tell(on: Stage): Promise<void> {
  const stage = { ...on, begin: Date.now() };
  const { issuer, iam, root } = stage;
  console.log('\nA CircleCI Server with a private CA: AWS checks its certificate against the list in IAM.');
  console.log(`Two orgs, each with an OIDC provider. Their issuer has ${issuer.edges.length} edges.\n`);
  const first = await step(stage, 0, 'All is as listed.', { inSync: 2 });
  check(
    first.targets.every(({ enforced }) => enforced),
    'AWS enforces both lists, as far as can be seen from here',
  );
  await checkLogin(stage, /:assumed-role\//);

  const after = await chainBelow(root, 'Demo Intermediate CA 2026');
  issuer.rotate([after], issuer.edges.at(-1));
  await step(stage, 6, 'One of the edges shows a certificate of a new intermediate CA.', { drifted: 2 });
  await checkLogin(stage, /certificate doesn't match configured thumbprint/);
  const drifted = await step(stage, 12, 'The next run sees it, too. So people are told:', {
    drifted: 2,
    mails: 1,
  });
  showMail(stage.aws, Infinity);
  await step(stage, 18, 'Nothing new, so nothing is said.', { drifted: 2 });
  await step(stage, 96, 'Nobody has done anything for three days. A reminder:', { drifted: 2, mails: 1 });
  showMail(stage.aws, 1);

  await correctLists(iam, drifted);
  await step(stage, 102, 'Somebody has done what the mail says.', { inSync: 2 });
  await checkLogin(stage, /:assumed-role\//);
  await step(stage, 108, 'The next run agrees. It is over:', { inSync: 2, mails: 1 });
  showMail(stage.aws, 1);
  issuer.rotate([after]);
  await step(stage, 114, 'The other edge follows. Its new certificate is listed already.', { inSync: 2 });
  console.log(process.exitCode === undefined ? 'All as it should be.' : 'Something went wrong: see above.');
}

/** A job logs in, or is refused, as the issuer's certificate is listed or not. */
async function checkLogin({ aws, issuer }: Stage, wanted: RegExp): Promise<void> {
  const [org = ''] = ORGS;
  const token = tokenOf(issuer, { org, project: PROJECT, user: USER });
  const answer = await logIn(aws.url, token, `arn:aws:iam::123456789012:role/${roleOf(org)}`);
  check(wanted.test(answer), `a CircleCI job asks AWS for its role: ${answer}`);
}

/** The expected result of a run. */
interface Outcome {
  readonly inSync?: number;
  readonly drifted?: number;
  /** @default 0 */
  readonly mails?: number;
}

/** Runs once, so many hours after the beginning, and compares. */
async function step(stage: Scene, hours: number, words: string, wanted: Outcome): Promise<Told> {
  const { inSync = 0, drifted = 0, mails = 0 } = wanted;
  const sent = stage.aws.published().length;
  const at = new Date(stage.begin + hours * HOUR_MS);
  console.log(`${at.toISOString().slice(0, 16).replace('T', ' ')}  ${words}`);
  const report = await run(stage, at);
  check(
    report.summary.inSync === inSync && report.summary.drifted === drifted,
    `in sync ${report.summary.inSync}, drifted ${report.summary.drifted}`,
  );
  const fresh = stage.aws.published().length - sent;
  check(fresh === mails, fresh === 0 ? 'no mail' : `${fresh} mail`);
  return report;
}

async function run({ monitor }: Stage, at: Date): Promise<Told> {
  const invocation = await monitor.invoke({ action: 'monitor' }, at);
  if (!invocation.ok) throw new StoryError(`${invocation.errorType}: ${invocation.errorMessage}`);
  return v.parse(Told, invocation.payload);
}

/** The last mail, or its first paragraphs. */
function showMail(aws: EmbeddedAws, paragraphs: number): void {
  const message = aws.published().at(-1);
  const { email } = v.parse(v.object({ email: v.string() }), JSON.parse(message?.message ?? '{}'));
  const body = email.trimEnd().split('\n\n').slice(0, paragraphs).join('\n\n');
  const lines = [`To: ${READER}`, `Subject: ${message?.subject ?? ''}`, '', ...body.split('\n')];
  console.log(`\n${lines.map((line) => `     | ${line}`.trimEnd()).join('\n')}\n`);
}

async function correctLists(iam: IAMClient, report: Told): Promise<void> {
  for (const { providerArn, listed, expected } of report.targets) {
    await iam.send(
      new UpdateOpenIDConnectProviderThumbprintCommand({
        OpenIDConnectProviderArn: providerArn,
        ThumbprintList: [...new Set([...listed, ...expected])],
      }),
    );
  }
}

/** From arguments to an exit code. Every error that a user can fix ends as one sentence on stderr and exit code 2. */
import { isNativeError } from 'node:util/types';
import { AccessError, ConfigError, EventError } from '../lambda/domain/errors';
import type { Report } from '../lambda/domain/types';
import { version } from '../package.json';
import { PROGRAM, readArguments } from './arguments';
import { selectAws } from './aws-flags';
import { withAwsWords } from './aws-problems';
import type { CommonFlags, Request } from './request';
import { painter, wantsColour } from './colour';
import { INTERRUPTED, exitCodeOf } from './exit';
import { renderJson } from './outputs/json';
import { withoutCommands } from './outputs/log-commands';
import { render } from './outputs/render';
import type { TableLook } from './outputs/table';
import { skippedInReport } from '../lambda/report/skipped';
import type { Shell } from './shell';
import { UsageError } from './usage-error';

/** Does what the arguments ask, and gives the exit code. Never rejects. */
export async function runCommand(args: readonly string[], shell: Shell): Promise<number> {
  const { interrupted } = shell;
  try {
    const request = readArguments(args);
    if (request.kind === 'shown') {
      await shell.stdout.write(request.text);
      return 0;
    }
    if (request.kind === 'doctor') {
      await selectAws(request.flags, shell);
      const { runDoctor } = await import('./commands/doctor');
      await shell.stdout.write(await runDoctor(request.functionName, request.flags, shell));
      return 0;
    }
    await selectAws(request.flags, shell);
    const { report, payload } = await carryOut(request, shell);
    const failOnSkipped = request.kind === 'audit' && request.flags.failOnSkipped === true;
    const look = { failOnSkipped, isInterrupted: interrupted.aborted };
    await shell.stdout.write(printed(report, payload, request.flags, shell, look));
    if (!interrupted.aborted) {
      const skipped = failOnSkipped ? skippedInReport(report, ['no-state']) : [];
      if (skipped.length > 0) await complain(shell, `--fail-on-skipped: ${skipped.join(' ')}`);
      return exitCodeOf(report, request.flags.failOn, failOnSkipped);
    }
    await complain(
      shell,
      'Interrupted. The report shows everything that was not read by then as not audited.',
    );
    return INTERRUPTED;
  } catch (error) {
    if (interrupted.aborted) {
      await complain(shell, 'Interrupted before there was a result.');
      return INTERRUPTED;
    }
    await complain(shell, isOfUser(error) ? problemOf(error) : internalError(error));
    return 2;
  }
}

type CommandRequest = Exclude<Request, { kind: 'shown' | 'doctor' }>;

/** Each command loads only what it needs: the SDK and undici are large. */
async function carryOut(
  request: CommandRequest,
  shell: Shell,
): Promise<{ readonly report: Report; readonly payload: unknown }> {
  switch (request.kind) {
    case 'audit': {
      const { runAudit } = await import('./commands/audit');
      const report = await runAudit(request.flags, shell);
      return { report, payload: report };
    }
    case 'invoke': {
      const { invokeFunction } = await import('./commands/invoke');
      return invokeFunction(request.functionName, request.flags, shell);
    }
  }
}

function printed(
  report: Report,
  payload: unknown,
  { output, failOn, color }: CommonFlags,
  { stdout, environment }: Shell,
  ending: Pick<TableLook, 'failOnSkipped' | 'isInterrupted'>,
): string {
  if (output === 'json') return renderJson(payload);
  const { isTerminal, columns } = stdout;
  const paint = painter(wantsColour({ flag: color, environment, isTerminal }));
  return render(report, output, { failOn, columns, paint, ...ending });
}

const complain = (shell: Shell, words: string): Promise<void> =>
  shell.stderr.write(`${withoutCommands(`${PROGRAM}: ${words}`)}\n`);

const isOfUser = (error: unknown): error is Error =>
  [UsageError, ConfigError, EventError, AccessError].some((type) => error instanceof type);

/** An AccessError has the failure as its cause, with the message of AWS. */
function problemOf({ message, cause }: Error): string {
  const hasDetail = typeof cause === 'object' && cause !== null && 'detail' in cause;
  return hasDetail && typeof cause.detail === 'string' ? withAwsWords(message, cause.detail) : message;
}

function internalError(error: unknown): string {
  const what = isNativeError(error) ? (error.stack ?? error.message) : String(error);
  return `Internal error in ${PROGRAM} ${version}; please report it as CONTRIBUTING.md describes, with these lines:\n${what}`;
}

/** The command line: what may be asked, and what is wrong with what was asked. */
import { Command, CommanderError, Option } from 'commander';
import { escapeForeign } from '../lambda/text/escape';
import { parseIssuer, parseOrgId } from '../lambda/oidc/issuer';
import { quote } from '../lambda/text/quote';
import { knownWords } from '../lambda/config/unknown-keys';
import { version } from '../package.json';
import { THRESHOLDS } from './exit';
import { OUTPUTS } from './outputs/render';
import { ACTIONS } from './request';
import type { AuditFlags, DoctorFlags, InvokeFlags, Request } from './request';
import { UsageError } from './usage-error';

/** The name of the command, as messages and help have it. */
export const PROGRAM = 'thumbprint-monitor';

/** Reads the arguments (without `node` and the script). Throws UsageError. */
export function readArguments(args: readonly string[]): Request {
  const shown: string[] = [];
  const asked: Request[] = [];
  const program = programme(
    (request) => asked.push(request),
    (text) => shown.push(text),
  );
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw new UsageError(problemOf(error));
  }
  return asked[0] ?? { kind: 'shown', text: shown.join('') };
}

const sentence = (words: string): string => `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;

/** Commander's message may have a suggestion in a second line. */
function problemOf({ message }: CommanderError): string {
  const [first = '', suggestion = ''] = message
    .replace(/^error: /, '')
    .split('\n')
    .map(escapeForeign);
  const hint = suggestion.replace(/^\((.*)\)$/, ' $1');
  return `${sentence(first.replace(/\.$/, ''))}.${hint} See ${PROGRAM} --help.`;
}

/** The commands with their flags. `ask` receives the request, `show` receives help and version. */
export function programme(ask: OnRequest, show: (text: string) => void): Command {
  const program = new Command(PROGRAM)
    .description('Audits the trust between OIDC issuers (CircleCI and others) and AWS IAM.')
    .version(version)
    .configureOutput({ writeOut: show, writeErr: () => undefined })
    .configureHelp({ helpWidth: 100, optionDescription: withDefault })
    .exitOverride();
  addAudit(program, ask);
  addInvoke(program, ask);
  addDoctor(program, ask);
  return program;
}

type OnRequest = (request: Request) => void;

function addAudit(program: Command, ask: OnRequest): void {
  const audit = program
    .command('audit', { isDefault: true })
    .description('look at the account and its issuers from here (the default command)')
    .allowExcessArguments(true)
    .action((flags: AuditFlags) => {
      refuseWords(audit.args);
      refuseContradictions(flags);
      ask({ kind: 'audit', flags });
    });
  addSelection(audit)
    .option('--all', 'every OIDC provider of the account, not only those of CircleCI', false)
    .option('--no-aws', 'look at the issuers only, without AWS credentials')
    .option(
      '--ca-file <file>',
      'private certificate authorities of the given issuers (trustAnchors): PEM, or JSON host to PEM',
    )
    .option('--allow-private-networks', 'permit private addresses for the issuers given with --issuer', false)
    .option(
      '--accept <file>',
      'acknowledged findings: a JSON list of {check, issuer, account, subject, reason, until}',
    );
  addPresentation(audit).addHelpText('after', HELP);
}

function addInvoke(program: Command, ask: OnRequest): void {
  const invoke = program
    .command('invoke')
    .argument('<function>', 'name or ARN of the deployed function: the stack output MonitorFunctionName')
    .description('let the deployed function look, and print its report')
    .addOption(word('--action <action>', 'what it is to do', ACTIONS).default('audit'))
    .action((functionName: string, flags: InvokeFlags) => {
      ask({ kind: 'invoke', functionName, flags });
    });
  addPresentation(addSelection(invoke));
}

function addDoctor(program: Command, ask: OnRequest): void {
  program
    .command('doctor')
    .argument('<function>', 'name or ARN of the deployed function: the stack output MonitorFunctionName')
    .description('write monitor.config.json from a deployed monitor')
    .option('--write-config', 'write the file from the function, its stack and its subscriptions', false)
    .option('--config <file>', 'the file to write', 'monitor.config.json')
    .option('--force', 'overwrite the file if it exists', false)
    .action((functionName: string, flags: DoctorFlags) => {
      ask({ kind: 'doctor', functionName, flags });
    });
}

/** Only a word is worth reporting: no flag is set by default, and no list is filled. */
const withDefault = ({ description, defaultValue }: Option): string =>
  typeof defaultValue === 'string' ? `${description} (default: ${defaultValue})` : description;

const HELP = `
Without --org, --issuer and --all: the CircleCI providers of the account.
Exit code: 0 clean, 1 findings at or above --fail-on, 2 something could not be audited.
Credentials, profile, region and AWS_ENDPOINT_URL: as the AWS SDK reads them. IAM is global; without
a region, us-east-1.`;

const addSelection = (command: Command): Command =>
  command
    .option('--org <id>', 'a CircleCI org id (may be repeated)', collectOrg, [])
    .option('--issuer <url>', 'an issuer URL (may be repeated)', collectIssuer, []);

const addPresentation = (command: Command): Command =>
  command
    .addOption(word('--output <format>', 'how the report is printed', OUTPUTS).default('table'))
    .addOption(word('--fail-on <severity>', 'exit with 1 from this severity on', THRESHOLDS).default('high'))
    .option('--no-color', 'no colours, whatever the terminal can do')
    .option('--quiet', 'no progress on stderr', false);

const word = (flags: string, description: string, words: readonly string[]): Option =>
  new Option(flags, `${description}: ${words.join(', ')}`).argParser((value: string) => {
    if (words.includes(value)) return value;
    const [flag = ''] = flags.split(' ');
    throw new UsageError(`${flag}: ${quote(value)} is not known. ${knownWords(words)}`);
  });

function collectOrg(text: string, before: readonly string[]): readonly string[] {
  const parsed = parseOrgId(text);
  if (!parsed.ok) throw new UsageError(`--org: ${parsed.problem}`);
  return [...new Set([...before, parsed.value])];
}

function collectIssuer(text: string, before: readonly string[]): readonly string[] {
  const parsed = parseIssuer(text);
  if (!parsed.ok) throw new UsageError(`--issuer: ${parsed.problem}`);
  return [...new Set([...before, parsed.value])];
}

/** The default command gets every word that is no command. */
function refuseWords([word]: readonly string[]): void {
  if (word === undefined) return;
  throw new UsageError(`${quote(word)} is not a command. ${knownWords(['audit', 'invoke', 'doctor'])}`);
}

function refuseContradictions({ aws, all, org, issuer, caFile }: AuditFlags): void {
  if (!aws && all) {
    throw new UsageError(
      '--all: lists the providers of the account, which --no-aws forbids. Leave one of them out.',
    );
  }
  if (!aws && org.length + issuer.length === 0) {
    throw new UsageError('--no-aws: nothing says which issuers to look at. Add --org ID or --issuer URL.');
  }
  if (caFile !== undefined && issuer.length === 0) {
    throw new UsageError('--ca-file: belongs to no issuer. Add --issuer URL for those that use it.');
  }
}

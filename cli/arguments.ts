/** The command line: commands, flags, and what is wrong with the arguments. */
import { Command, CommanderError, Option } from 'commander';
import { escapeForeign } from '../lambda/text/escape';
import { DISCOVER } from '../lambda/config/config-schema';
import { parseIssuer, parseOrgId } from '../lambda/oidc/issuer';
import { quote } from '../lambda/text/quote';
import { knownWords } from '../lambda/config/unknown-keys';
import { version } from '../package.json';
import { readRegion, refuseOtherRegion } from './aws-flags';
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
function programme(ask: OnRequest, show: (text: string) => void): Command {
  const program = new Command(PROGRAM)
    .description('Audits the trust between OIDC issuers (CircleCI and others) and AWS IAM.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureOutput({ writeOut: show, writeErr: () => undefined })
    .configureHelp({ helpWidth: 80, optionDescription: withDefault })
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
    .description(
      'Audit the OIDC providers of an AWS account, their issuers and their roles from this machine (the default command).',
    )
    .summary('audit the account and its issuers from this machine (default)')
    .allowExcessArguments(true)
    .action((flags: AuditFlags) => {
      refuseWords(audit.args);
      refuseContradictions(flags);
      ask({ kind: 'audit', flags });
    });
  addSelection(audit)
    .addOption(word('--discover <which>', 'which other OIDC providers of the account are read', DISCOVER))
    .option('--all', 'the same as --discover all', false)
    .option(
      '--no-aws',
      'audit the issuers of --org and --issuer without AWS credentials; thumbprint lists and roles are skipped',
    )
    .option(
      '--ca-file <file>',
      'private certificate authorities of the hosts of --issuer: a PEM file, or a JSON object from host to PEM',
    )
    .option(
      '--allow-private-networks',
      'permit private and loopback addresses for the hosts of --issuer',
      false,
    )
    .option(
      '--accept <file>',
      'findings that do not count until a date: a JSON list of {check, issuer, account, subject, reason, until}',
    )
    .option('--fail-on-skipped', 'exit with 2 if a check was skipped');
  addPresentation(addAws(audit)).addHelpText('after', HELP);
}

function addInvoke(program: Command, ask: OnRequest): void {
  const invoke = program
    .command('invoke')
    .argument('<function>', 'name or ARN of the deployed function: the stack output MonitorFunctionName')
    .description(
      'Run the deployed function, print its report, and set the exit code from the report. --org and --issuer restrict the run to these.',
    )
    .summary('run the deployed function and print its report')
    .addOption(word('--action <action>', 'what the function does', ACTIONS).default('audit'))
    .action((functionName: string, flags: InvokeFlags) => {
      refuseOtherRegion(functionName, flags);
      ask({ kind: 'invoke', functionName, flags });
    });
  addPresentation(addAws(addSelection(invoke))).addHelpText('after', EXIT_CODES);
}

function addDoctor(program: Command, ask: OnRequest): void {
  const doctor = program
    .command('doctor')
    .argument('<function>', 'name or ARN of the deployed function: the stack output MonitorFunctionName')
    .description(
      'Write monitor.config.json from a deployed monitor: its function, its stack and its subscriptions.',
    )
    .summary('write monitor.config.json from a deployed monitor')
    .option('--write-config', 'write the file (required)', false)
    .option('--config <file>', 'the file to write', 'monitor.config.json')
    .option('--force', 'overwrite the file if it exists', false)
    .action((functionName: string, flags: DoctorFlags) => {
      refuseOtherRegion(functionName, flags);
      ask({ kind: 'doctor', functionName, flags });
    });
  addAws(doctor);
}

/** Only a word is worth reporting: no flag is set by default, and no list is filled. */
const withDefault = ({ description, defaultValue }: Option): string =>
  typeof defaultValue === 'string' ? `${description} (default: ${defaultValue})` : description;

const EXIT_CODES = `
Exit codes: 0 no finding at or above --fail-on; 1 at least one; 2 something
could not be audited, or the command is wrong; 130 interrupted by Ctrl-C.`;

const HELP = `
Without --discover, --org and --issuer, every OIDC provider of the account is
read. With --org or --issuer, only these, unless --discover is set.
${EXIT_CODES}
With --no-aws, the skipped checks alone do not cause exit code 2, unless
--fail-on-skipped is set.

Credentials, AWS_PROFILE, AWS_REGION and AWS_ENDPOINT_URL are read as the AWS
SDK reads them. IAM is global: without a region, us-east-1 is used.`;

const addSelection = (command: Command): Command =>
  command
    .option('--org <id>', 'the id of a CircleCI organization (repeatable)', collectOrg, [])
    .option('--issuer <url>', 'the URL of an issuer (repeatable)', collectIssuer, []);

const addAws = (command: Command): Command =>
  command
    .option('--profile <name>', 'profile of the AWS configuration files; overrides AWS_PROFILE')
    .option('--region <region>', 'AWS region; overrides AWS_REGION', readRegion);

const addPresentation = (command: Command): Command =>
  command
    .addOption(word('--output <format>', 'format of the report', OUTPUTS).default('table'))
    .addOption(
      word('--fail-on <severity>', 'lowest severity that causes exit code 1', THRESHOLDS).default('high'),
    )
    .option('--no-color', 'print without colours')
    .option('--quiet', 'show no progress on stderr', false);

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

function refuseContradictions(flags: AuditFlags): void {
  const { aws, all, discover, org, issuer, caFile, profile, region } = flags;
  if (all && discover !== undefined && discover !== 'all') {
    throw new UsageError(`--all: means --discover all, not --discover ${discover}. Omit one of the two.`);
  }
  if (!aws && discover !== undefined) {
    throw new UsageError(
      '--discover: has no effect, because --no-aws does not read the account. Omit one of the two.',
    );
  }
  if (!aws && all) {
    throw new UsageError(
      '--all: needs the list of providers of the account, and --no-aws does not read the account. Omit one of the two.',
    );
  }
  if (!aws && org.length + issuer.length === 0) {
    throw new UsageError('--no-aws: no issuer is selected. Add --org ID or --issuer URL.');
  }
  if (!aws && (profile ?? region) !== undefined) {
    const flag = profile === undefined ? '--region' : '--profile';
    throw new UsageError(`${flag}: has no effect, because --no-aws does not call AWS. Omit one of the two.`);
  }
  if (caFile !== undefined && issuer.length === 0) {
    throw new UsageError('--ca-file: no issuer is selected that could use it. Add --issuer URL.');
  }
}

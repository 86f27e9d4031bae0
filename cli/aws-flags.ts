/** The flags `--profile` and `--region`: validated, and passed on as the variables that the AWS SDK reads. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { firstAndMore } from '../lambda/text/list';
import { quote } from '../lambda/text/quote';
import { regionOfFunction } from './region';
import type { Shell } from './shell';
import { UsageError } from './usage-error';

/** What every command that calls AWS takes. They outrank AWS_PROFILE and AWS_REGION. */
export interface AwsFlags {
  readonly profile?: string;
  readonly region?: string;
}

/** Prefix of the partition or area, a direction, a number: `eu-west-1`, `us-gov-east-1`, `eusc-de-east-1`. */
const REGION = /^[a-z]{2,4}(-[a-z]{2,5})?-(north|south|east|west|central|(north|south)(east|west))-[1-9]\d?$/;

/** Validates the value of `--region`. Throws UsageError. Whether AWS has the region, only its endpoints know. */
export function readRegion(text: string): string {
  if (REGION.test(text)) return text;
  throw new UsageError(
    `--region: ${quote(text)} is not the name of an AWS region: use a name such as eu-west-1.`,
  );
}

/** Throws UsageError if `--region` contradicts the ARN of a function. */
export function refuseOtherRegion(functionName: string, { region }: AwsFlags): void {
  const own = regionOfFunction(functionName);
  if (region === undefined || own === null || own === region) return;
  throw new UsageError(
    `--region: the ARN of the function names the region ${own}, not ${region}: omit --region.`,
  );
}

/** The SDK reads these before it reads a profile, or warns that it does not. */
const KEYS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];

/**
 * Selects the profile and the region for all clients. As variables, because the SDK looks up the endpoint of a profile
 * by AWS_PROFILE alone. Throws UsageError if there is no such profile: the SDK would silently use other credentials.
 */
export async function selectAws({ profile, region }: AwsFlags, shell: Shell): Promise<void> {
  if (region !== undefined) shell.setVariables({ AWS_REGION: region });
  if (profile === undefined) return;
  const files = await readProfileFiles(shell);
  const names = [...new Set(files.flatMap((file) => file.profiles))];
  if (!names.includes(profile)) throw unknownProfile(profile, names, files);
  const needsKeys = files.some(({ text }) => FROM_ENVIRONMENT.test(text));
  shell.setVariables({
    AWS_PROFILE: profile,
    ...(needsKeys ? {} : Object.fromEntries(KEYS.map((key) => [key, undefined]))),
  });
}

/** A profile that assumes a role with the keys of the environment. */
const FROM_ENVIRONMENT = /^\s*credential_source\s*=\s*Environment\b/m;

interface ProfileFile {
  readonly path: string;
  readonly text: string;
  readonly profiles: readonly string[];
}

/** https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html */
async function readProfileFiles({ environment }: Shell): Promise<readonly ProfileFile[]> {
  const home = environment['HOME'] ?? environment['USERPROFILE'] ?? homedir();
  const read = async (variable: string, name: string, header: RegExp): Promise<ProfileFile> => {
    const given = environment[variable] ?? '';
    const path = given === '' ? join(home, '.aws', name) : given.replace(/^~(?=[/\\])/, home);
    const text = await readFile(path, 'utf8').catch(() => '');
    return { path, text, profiles: [...text.matchAll(header)].flatMap(([, found]) => found ?? []) };
  };
  return Promise.all([
    read('AWS_CONFIG_FILE', 'config', CONFIG_HEADER),
    read('AWS_SHARED_CREDENTIALS_FILE', 'credentials', CREDENTIALS_HEADER),
  ]);
}

/** `[profile NAME]`, or `[default]`: https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html */
const CONFIG_HEADER =
  /^[ \t]*\[[ \t]*(?:profile[ \t]+["']?([\w@+.%:/-]+)["']?|(?=default[ \t]*\])(default))[ \t]*\]/gm;
const CREDENTIALS_HEADER = /^[ \t]*\[[ \t]*([\w@+.%:/-]+)[ \t]*\]/gm;

function unknownProfile(
  profile: string,
  names: readonly string[],
  files: readonly ProfileFile[],
): UsageError {
  const paths = files.map(({ path }) => quote(path)).join(' nor in ');
  const known = firstAndMore(names, MAX_NAMES);
  const remedy = names.length === 0 ? 'omit --profile' : `use one of these profiles: ${known}`;
  return new UsageError(
    `--profile: ${quote(profile)} is neither in ${paths}; ${remedy}, or create it with aws configure.`,
  );
}

const MAX_NAMES = 10;

/** From flags and the files that they name to the configuration of a run. */
import { readFile } from 'node:fs/promises';
import { isNativeError } from 'node:util/types';
import { parseConfig } from '../lambda/config/config';
import type { Discover, MonitorConfig } from '../lambda/config/config';
import { ConfigError } from '../lambda/domain/errors';
import { escapeForeign } from '../lambda/text/escape';
import { hostOf, isKnownPublicHost } from '../lambda/oidc/issuer';
import { quote } from '../lambda/text/quote';
import { codeOf } from '../lambda/adapters/network-errors';
import { inFlags } from './flag-names';
import type { AuditFlags } from './request';
import { UsageError } from './usage-error';

/** Reads the files and validates everything. Throws UsageError that names the flag. */
export async function configOf(flags: AuditFlags, now: Date): Promise<MonitorConfig> {
  const { org, issuer, caFile, accept, allowPrivateNetworks } = flags;
  const value = {
    orgs: org,
    issuers: issuer,
    discover: discoverOf(flags),
    allowPrivateNetworks,
    ...(caFile === undefined ? {} : { trustAnchors: await readAnchors(caFile, issuer) }),
    ...(accept === undefined ? {} : { accept: await readJsonFlag('--accept', accept) }),
  };
  try {
    return parseConfig(value, now);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new UsageError(error.message.split('\n').map(problemOf(flags)).join('\n'), { cause: error });
  }
}

function discoverOf({ all, discover, org, issuer }: AuditFlags): Discover {
  if (all) return 'all';
  return discover ?? (org.length + issuer.length > 0 ? 'none' : 'all');
}

/** A problem of a file that a flag names, with its path in the file. The other flags are validated as they are read. */
const problemOf =
  ({ caFile = '', accept = '' }: AuditFlags) =>
  (problem: string): string => {
    const [, key = '', path = '', words = ''] = /^(\w+)(.*?): (.*)$/s.exec(problem) ?? [];
    const where = path === '' ? '' : `${path.replace(/^\./, '')}: `;
    if (key === 'trustAnchors') return `--ca-file: ${quote(caFile)}: ${where}${inFlags(words)}`;
    return `--accept: ${quote(accept)}: ${where}${inFlags(words)}`;
  };

/** PEM is text; everything else that the file may hold is JSON. */
async function readAnchors(path: string, issuers: readonly string[]): Promise<unknown> {
  if (issuers.every((issuer) => isKnownPublicHost(hostOf(issuer)))) {
    throw new UsageError(
      '--ca-file: all issuers of --issuer are well-known public ones, which are verified only by public certificate authorities. Omit --ca-file.',
    );
  }
  const text = await readFlagFile('--ca-file', path);
  return text.trimStart().startsWith('{') ? parseJsonFlag('--ca-file', path, text) : text;
}

const readJsonFlag = async (flag: string, path: string): Promise<unknown> =>
  parseJsonFlag(flag, path, await readFlagFile(flag, path));

function parseJsonFlag(flag: string, path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = isNativeError(cause) ? escapeForeign(cause.message) : 'no reason given';
    throw new UsageError(`${flag}: ${quote(path)} is not JSON: ${reason}. Correct the file.`, { cause });
  }
}

async function readFlagFile(flag: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const code = codeOf(cause) || 'unknown error';
    const words = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    throw new UsageError(`${flag}: ${quote(path)}: ${words}. Correct the path.`, { cause });
  }
}

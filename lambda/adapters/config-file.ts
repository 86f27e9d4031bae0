/** The part of the configuration that lies beside the code. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configFileOf, mergeConfigTexts } from '../config/config-file';
import { ConfigError } from '../domain/errors';

/**
 * The whole configuration as one JSON text, to be judged: MONITOR_CONFIG, and what the file that it may name adds.
 * `folder` is where the code lies (`LAMBDA_TASK_ROOT`). Throws ConfigError where the file cannot be read.
 */
export async function readConfigText(
  json: string | undefined,
  folder: string | undefined,
): Promise<string | undefined> {
  const name = configFileOf(json);
  return name === null ? json : mergeConfigTexts(json, name, await read(folder ?? '', name));
}

async function read(folder: string, name: string): Promise<string> {
  try {
    return await readFile(join(folder, name), 'utf8');
  } catch (error) {
    const reason = String(error).replace(/^\w*Error: /, '');
    throw new ConfigError(`configFile: "${name}" cannot be read (${reason}). Deploy the stack again.`, {
      cause: error,
    });
  }
}

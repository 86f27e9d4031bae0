/** A file beside the code: the part of the configuration that is too long for the environment. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../domain/errors';

/** Reads a file in the folder of the code (`LAMBDA_TASK_ROOT`). Throws ConfigError if it cannot be read. */
export async function readConfigFile(name: string, folder: string | undefined): Promise<string> {
  try {
    return await readFile(join(folder ?? '', name), 'utf8');
  } catch (error) {
    const reason = String(error).replace(/^\w*Error: /, '');
    throw new ConfigError(
      `configFile: the file "${name}" cannot be read (${reason}). Deploy the stack again.`,
      {
        cause: error,
      },
    );
  }
}

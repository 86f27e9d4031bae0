/** Finds the built function: beside the source, or inside the installed package. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../../lambda/domain/errors';

const FOLDERS = [join(__dirname, '..', '..', 'function'), join(__dirname, '..', '..', 'dist', 'function')];

/** The folder that Lambda runs. Throws ConfigError if nobody has built it. */
export function functionFolder(): string {
  const folder = FOLDERS.find((folder) => existsSync(join(folder, 'index.mjs')));
  if (folder === undefined) {
    throw new ConfigError(
      'The code of the function was not found. In a clone of the project, build it with: npm run build',
    );
  }
  return folder;
}

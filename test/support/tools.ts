/** Tools that are on CI's machines, seldom on users'. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Whether a command can be started by its name. */
export const isOnPath = (command: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => isExecutable(join(folder, command)));

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether a command is there. If it is not, a line on stderr says which tests are skipped. */
export function hasTool(command: string, tests: string): boolean {
  const there = isOnPath(command);
  if (!there) process.stderr.write(`SKIPPED: ${tests}: ${command} is not on the PATH.\n`);
  return there;
}

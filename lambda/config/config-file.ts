/**
 * A configuration in two parts. A function's environment is limited to 4 KB, too little for hundreds of orgs.
 * So they are in a file beside the code, and the environment contains only what is known at deployment
 * (ARNs), and the file's name.
 */
import { ConfigError } from '../domain/errors';
import { quote, show } from '../text/quote';

/**
 * Part of MONITOR_CONFIG: the name of the file with the rest. It is not a key of the configuration itself.
 */
export const CONFIG_FILE_KEY = 'configFile';

/** A name, never a path: the file is beside the code. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,60}\.json$/;

/**
 * The file that MONITOR_CONFIG names, or null if it names none, or if `parseConfigText` will reject it.
 * Throws ConfigError for an invalid name.
 */
export function configFileOf(json: string | undefined): string | null {
  const name = objectIn(json)?.get(CONFIG_FILE_KEY);
  if (name === undefined) return null;
  if (typeof name === 'string' && NAME.test(name)) return name;
  throw new ConfigError(
    `${CONFIG_FILE_KEY}: must be the name of a file in the folder of the code, such as "config.json"; it is ${show(name)}.`,
  );
}

/**
 * The whole configuration as one JSON text, not validated yet: MONITOR_CONFIG, and the keys of the file that
 * it may name. `read` reads a file beside the code. Throws ConfigError for a wrong name and for a file
 * without a JSON object.
 */
export async function wholeConfigText(
  json: string | undefined,
  read: (name: string) => Promise<string>,
): Promise<string | undefined> {
  const name = configFileOf(json);
  return name === null ? json : mergeConfigTexts(json, name, await read(name));
}

/**
 * MONITOR_CONFIG and the file that it names, as one text. The environment overrides the file, because an
 * operator can change it in the console at once. Throws ConfigError if the file is no JSON object.
 */
export function mergeConfigTexts(json: string | undefined, name: string, file: string): string {
  const rest = objectIn(file);
  if (rest === null) {
    throw new ConfigError(
      `${CONFIG_FILE_KEY}: the file ${quote(name)} does not contain a JSON object. Deploy the stack again.`,
    );
  }
  const merged = new Map([...rest, ...(objectIn(json) ?? [])]);
  merged.delete(CONFIG_FILE_KEY);
  return writeMerged(merged, name);
}

/** JSON.stringify is recursive, JSON.parse is not. */
function writeMerged(merged: ReadonlyMap<string, unknown>, name: string): string {
  try {
    return JSON.stringify(Object.fromEntries(merged));
  } catch (cause) {
    throw new ConfigError(
      `${CONFIG_FILE_KEY}: the file ${quote(name)} has too many levels of nesting. Deploy the stack again.`,
      {
        cause,
      },
    );
  }
}

/** The entries of a JSON object; null for anything else. */
function objectIn(json: string | undefined): Map<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(json ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? new Map(Object.entries(value))
      : null;
  } catch {
    return null;
  }
}

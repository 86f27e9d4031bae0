/** `monitor.config.json`: the app's configuration, in a file beside it, so that every deployment uses the same. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { unknownKeys } from '../../lambda/config/unknown-keys';
import { escapeForeign } from '../../lambda/text/escape';
import { quote, show } from '../../lambda/text/quote';
import { FEDERATION_KEYS, FILES, LISTS, MONITOR_KEYS, RECIPIENTS } from './keys';
import { readNamedFile } from './named-file';

/** The file that is read without `-c config=FILE`. It need not exist. */
export const CONFIG_FILE = 'monitor.config.json';

/** What the file says, under the names of the flags: lists as arrays, named files read. */
export interface ConfigFile {
  /** As the user wrote it, for messages. */
  readonly name: string;
  /** Keys of the monitor. */
  readonly monitor: Readonly<Record<string, unknown>>;
  /** Keys of the stack CircleCiFederation. */
  readonly federation: Readonly<Record<string, unknown>>;
}

type FileEntries = Readonly<Record<string, unknown>>;

/**
 * Reads the file that `selected` names (the flag `config`), or monitor.config.json of `folder`. Adds what is wrong to
 * `problems`, one line each; the types of single values are validated later, with those of the flags.
 */
export function readMonitorConfig(selected: unknown, folder: string, problems: string[]): ConfigFile {
  if (selected !== undefined && (typeof selected !== 'string' || selected === '')) {
    problems.push(`config: must be the path of a file such as ${CONFIG_FILE}; it is ${show(selected)}.`);
    return { name: CONFIG_FILE, monitor: {}, federation: {} };
  }
  const name = selected ?? CONFIG_FILE;
  const path = resolve(folder, name);
  const entries = readJsonObject(path, name, selected === undefined, problems);
  const { federation, $schema: _, ...monitor } = entries;
  problems.push(...misplacedKeys(entries));
  return {
    name,
    monitor: readEntries(monitor, dirname(path), problems),
    federation: readFederation(federation, problems),
  };
}

function readJsonObject(path: string, name: string, isOptional: boolean, problems: string[]): FileEntries {
  let text;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' && isOptional) return {};
    problems.push(
      code === 'ENOENT'
        ? `config: there is no file ${quote(name)}. Correct the path, or create the file from monitor.config.example.json.`
        : `config: the file ${quote(name)} cannot be read (${String(code)}). Correct its permissions or the path.`,
    );
    return {};
  }
  try {
    // Editors of Windows begin files with a byte order mark.
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return Object.fromEntries(Object.entries(value));
    }
    problems.push(
      `config: the file ${quote(name)} must contain a JSON object such as {"email": ["you@example.com"]}; it contains ${show(value)}.`,
    );
  } catch (error) {
    const reason = error instanceof Error ? escapeForeign(error.message) : 'no reason given';
    problems.push(`config: the file ${quote(name)} is not JSON: ${reason}. Correct it.`);
  }
  return {};
}

/** Unknown keys, and keys of the federation that are beside `federation` instead of in it. */
function misplacedKeys(entries: FileEntries): readonly string[] {
  const misplaced: readonly string[] = FEDERATION_KEYS.filter((key) => Object.hasOwn(entries, key));
  const others = Object.fromEntries(Object.entries(entries).filter(([key]) => !misplaced.includes(key)));
  return [
    ...unknownKeys(others, [...MONITOR_KEYS, RECIPIENTS, 'federation', '$schema']),
    ...misplaced.map((key) =>
      `${key}: in the file this key belongs inside federation: {"federation": {${JSON.stringify(key)}: …}}. ${sameWord(key)}`.trimEnd(),
    ),
  ];
}

const sameWord = (key: string): string =>
  key === 'org' || key === 'issuer' ? `To monitor it, use ${key}s.` : '';

function readEntries(entries: FileEntries, folder: string, problems: string[]): FileEntries {
  const read = Object.entries(entries).flatMap(([key, value]): (readonly [string, unknown])[] => {
    if (value === null) {
      problems.push(`${key}: must not be null. Remove the key.`);
      return [];
    }
    if (LISTS.includes(key)) return [[key, typeof value === 'string' ? [value] : value]];
    if (FILES.includes(key)) return [[key, readNamedFile(key, value, folder, problems)]];
    return [[key, value]];
  });
  return Object.fromEntries(read);
}

function readFederation(federation: unknown, problems: string[]): FileEntries {
  if (federation === undefined) return {};
  if (typeof federation !== 'object' || federation === null || Array.isArray(federation)) {
    problems.push(
      `federation: must be an object such as {"org": "…", "project": "…"}; it is ${show(federation)}.`,
    );
    return {};
  }
  problems.push(...unknownKeys(federation, [...FEDERATION_KEYS], 'federation.'));
  return Object.fromEntries(
    Object.entries(federation).map(([key, value]: [string, unknown]) => [
      key,
      key === 'ref' && typeof value === 'string' ? [value] : value,
    ]),
  );
}

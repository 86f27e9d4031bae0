/** What a built function consists of, and how much of it a run that finds nothing loads. */
import { relative } from 'node:path';
import type { Metafile } from 'esbuild';

/** A build: the file that is loaded first, and what esbuild says of all. */
export interface Built {
  readonly entry: string;
  readonly metafile: Metafile;
}

/** Bytes of one package in the bundle; the function's own code is called `lambda`. */
export interface Share {
  readonly name: string;
  /** In files that every run loads. */
  readonly loaded: number;
  /** In files that are loaded when they are needed. */
  readonly lazy: number;
}

/** The sums hold esbuild's own glue, too. Files are absolute or relative as the metafile has them. */
export interface Composition {
  readonly shares: readonly Share[];
  readonly loaded: number;
  readonly lazy: number;
  readonly loadedFiles: readonly string[];
}

/** Behind `import()`, and reached by every run whose endpoints of AWS are not https (tests): Node's HTTP. */
const EVERY_RUN = /\/http-\w+\.mjs$/;
/** Behind `import()`, and reached by runs of accounts in which a role trusts a provider. */
const WITH_ROLES = /\/role-\w+\.mjs$/;

/**
 * Follows static imports from the entry and from what every run reaches; what else is behind `import()` is lazy.
 * `hasRoles`: of an account in which a role trusts a provider.
 */
export function composition({ entry, metafile }: Built, hasRoles = false): Composition {
  const { outputs } = metafile;
  const isStart = (file: string): boolean =>
    relative(file, entry) === '' || EVERY_RUN.test(file) || (hasRoles && WITH_ROLES.test(file));
  const starts = Object.keys(outputs).filter(isStart);
  const loadedFiles = staticImports(outputs, starts);
  const bytes = (files: readonly string[]): number =>
    files.reduce((sum, file) => sum + (outputs[file]?.bytes ?? 0), 0);
  const loaded = bytes(loadedFiles);
  return {
    shares: sharesOf(outputs, loadedFiles),
    loaded,
    lazy: bytes(Object.keys(outputs)) - loaded,
    loadedFiles,
  };
}

function staticImports(outputs: Metafile['outputs'], starts: readonly string[]): readonly string[] {
  const found = new Set(starts);
  for (const file of found) {
    for (const { kind, path, external } of outputs[file]?.imports ?? []) {
      if (kind === 'import-statement' && external !== true) found.add(path);
    }
  }
  return [...found];
}

function sharesOf(outputs: Metafile['outputs'], loadedFiles: readonly string[]): readonly Share[] {
  const shares = new Map<string, Share>();
  for (const [file, { inputs }] of Object.entries(outputs)) {
    const part = loadedFiles.includes(file) ? 'loaded' : 'lazy';
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
      const name = packageNameOf(input);
      const share = shares.get(name) ?? { name, loaded: 0, lazy: 0 };
      shares.set(name, { ...share, [part]: share[part] + bytesInOutput });
    }
  }
  return [...shares.values()].sort((a, b) => b.loaded - a.loaded || b.lazy - a.lazy);
}

const packageNameOf = (input: string): string =>
  /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? 'lambda';

/** A table for people, in KB of 1000 bytes. */
export function describeComposition({ shares, loaded, lazy }: Composition): string {
  const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1).padStart(9);
  const line = (name: string, always: string, later: string): string => `${name.padEnd(40)}${always}${later}`;
  return [
    line('KB, minified', 'each run'.padStart(9), 'if needed'.padStart(11)),
    ...shares
      .filter((share) => share.loaded + share.lazy >= 500)
      .map((share) => line(share.name, kilobytes(share.loaded), `  ${kilobytes(share.lazy)}`)),
    line('sum', kilobytes(loaded), `  ${kilobytes(lazy)}`),
  ].join('\n');
}

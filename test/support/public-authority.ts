/** Certificate authorities of a test that a bundle takes for public ones: its process reads them among the roots of Node. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A file for `node --require` that adds the CA in PUBLIC_CA to the roots of its process. */
const PRELOADED = join(process.env['AWS_LAB'] ?? '', 'public-ca.cjs');

/** Whether a public CA can be simulated. If not, a line on stderr says which tests are skipped. */
export function canSimulatePublicCa(tests: string): boolean {
  const isThere = process.env['AWS_LAB'] !== undefined && existsSync(PRELOADED);
  if (!isThere) process.stderr.write(`SKIPPED: ${tests}: AWS_LAB names no folder with public-ca.cjs.\n`);
  return isThere;
}

/** The environment of a process for which the CA certificates of a PEM file are public. */
export const withPublicCa = (file: string): Readonly<Record<string, string>> => ({
  NODE_OPTIONS: `--require ${PRELOADED}`,
  PUBLIC_CA: file,
});

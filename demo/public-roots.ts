/** Certificate authorities of this machine that a bundle takes for public ones. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const PRELOADED = pathToFileURL(join(__dirname, 'public-roots-preload.mjs')).href;

/** The environment of a process for which the CA certificates of a PEM file are among the roots of Node. `options`: further NODE_OPTIONS. */
export const withPublicRoots = (
  file: string,
  options = '',
): Readonly<Record<'NODE_EXTRA_CA_CERTS' | 'NODE_OPTIONS', string>> => ({
  NODE_EXTRA_CA_CERTS: file,
  NODE_OPTIONS: `${options} --import ${PRELOADED}`.trim(),
});

/** Peers that are functions, too: built as the product is, so that only what they do differs. */
import { join } from 'node:path';
import { buildFunction } from '../../infra/build/build';
import type { Bench } from '../scenario';

/** The built file of `<name>.ts` in this folder. */
export const buildPeer = ({ folder }: Pick<Bench, 'folder'>, name: string): string =>
  buildFunction({ entry: join(__dirname, `${name}.ts`), outdir: join(folder, name) }).entry;

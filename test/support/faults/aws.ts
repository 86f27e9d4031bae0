/** The endpoint behind the proxy: the embedded endpoints, or moto_server if it is on the machine. */
import type { RequestListener } from 'node:http';
import { createTable, startTable } from '../../../demo/table';
import { embedded, emptyMoto } from '../emulator';
import type { Emulator } from '../emulator';
import { startMoto } from '../moto';

/** A backend for one account at a time, and the table that all of them share. */
export interface Aws {
  /** Its address, a handler for requests that another server has accepted if it has one, and the table's name. */
  readonly table: { readonly url: string; readonly handle?: RequestListener; readonly name: string };
  /** Gives an empty account. `stop` it before the next one is opened. */
  readonly openAccount: () => Promise<Emulator>;
  readonly close: () => Promise<void>;
}

/** A new endpoint for each account, and a table of dynalite. */
export async function embeddedAws(): Promise<Aws> {
  const table = await startTable();
  return { table, openAccount: embedded, close: table.close };
}

/** One moto_server, which forgets everything for each account: a new one would take seconds. */
export async function motoAws(): Promise<Aws> {
  const { url, stop } = await startMoto();
  const table = { url, name: 'State' };
  const openAccount = async (): Promise<Emulator> => {
    await fetch(`${url}/moto-api/reset`, { method: 'POST', headers: { connection: 'close' } });
    await createTable(url, table.name);
    return emptyMoto(url);
  };
  return { table, openAccount, close: stop };
}

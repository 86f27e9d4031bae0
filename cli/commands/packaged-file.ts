/** A file of a function's deployment package. */
import { request } from 'undici';
import { fromBufferPromise } from 'yauzl';
import { escapeForeign } from '../../lambda/text/escape';
import { quote } from '../../lambda/text/quote';
import { UsageError } from '../usage-error';

/** The package of this project has about 1 MB. */
const MAX_PACKAGE_BYTES = 50_000_000;
/** A configuration of 10,000 orgs has 400 KB. */
const MAX_FILE_BYTES = 2_000_000;
const TIMEOUT_MS = 60_000;

/**
 * Downloads a package and reads one of its files as UTF-8. `location`: the address that lambda:GetFunction returns. Throws
 * UsageError for what cannot be read, is too large, or is no such file.
 */
export async function readPackagedFile(location: string, name: string, abort: AbortSignal): Promise<string> {
  try {
    const signal = AbortSignal.any([abort, AbortSignal.timeout(TIMEOUT_MS)]);
    const { statusCode, body } = await request(location, { signal });
    const archive = await readAtMost(body, MAX_PACKAGE_BYTES);
    if (statusCode !== 200) throw new Error(`HTTP status ${statusCode}`);
    const zip = await fromBufferPromise(archive);
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName !== name) continue;
      const text = await readAtMost(await zip.openReadStreamPromise(entry), MAX_FILE_BYTES);
      return text.toString('utf8');
    }
    throw new Error(`it has no file ${quote(name)}`);
  } catch (error) {
    const reason = error instanceof Error ? escapeForeign(error.message) : 'no reason given';
    throw new UsageError(
      `The function's package, which contains the rest of its configuration, cannot be read: ${reason}. Try again, or write monitor.config.json by hand.`,
      { cause: error },
    );
  }
}

async function readAtMost(stream: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of stream) {
    bytes += part.length;
    if (bytes > maxBytes) throw new Error(`it has more than ${maxBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

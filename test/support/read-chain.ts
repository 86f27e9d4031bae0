/** Bundled, `node -e PROGRAM read-chain DER…`: judges certificates in base64 in a process of its own, which an abort ends. */
import { readChain } from '../../lambda/x509/chain';

const chain = readChain(process.argv.slice(2).map((der) => Buffer.from(der, 'base64')));
process.stdout.write(chain.ok ? chain.value.expected.join(' ') : chain.failure.code);

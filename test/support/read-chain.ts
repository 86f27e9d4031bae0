/** Bundled, `node -e PROGRAM read-chain DER…`: parses base64 certificates in its own process, which an abort ends. */
import { readChain } from '../../lambda/x509/chain';

const chain = readChain(process.argv.slice(2).map((der) => Buffer.from(der, 'base64')));
process.stdout.write(chain.ok ? chain.value.expected.join(' ') : chain.failure.code);

/**
 * Preloaded (NODE_OPTIONS=--import) by a process in which the certificate authorities of NODE_EXTRA_CA_CERTS are to count as
 * public: a bundle finds them among the roots that Node brings along, as if Node had been built with them.
 */
import { readFileSync } from 'node:fs';

const tls = process.getBuiltinModule('node:tls');
const added = readFileSync(process.env.NODE_EXTRA_CA_CERTS, 'utf8').match(
  /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g,
);
const rootCertificates = Object.freeze([...tls.rootCertificates, ...added]);
// The property of the module itself cannot be replaced.
const shown = Object.create(tls, {
  rootCertificates: { value: rootCertificates, enumerable: true },
  getCACertificates: {
    value: (type) => (type === 'bundled' ? rootCertificates : tls.getCACertificates(type)),
    enumerable: true,
  },
});

const { getBuiltinModule } = process;
process.getBuiltinModule = (id) =>
  id === 'tls' || id === 'node:tls' ? shown : getBuiltinModule.call(process, id);

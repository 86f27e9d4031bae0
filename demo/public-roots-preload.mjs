/**
 * Preloaded (NODE_OPTIONS=--import) by a process in which the certificate authorities of NODE_EXTRA_CA_CERTS, if it is set, are
 * to count as public: a bundle finds them among the roots that Node brings along, as if Node had been built with them.
 */
import { readFileSync } from 'node:fs';
import Module from 'node:module';

const tls = process.getBuiltinModule('node:tls');
const file = process.env.NODE_EXTRA_CA_CERTS ?? '';
const added =
  file === ''
    ? []
    : readFileSync(file, 'utf8').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
const rootCertificates = Object.freeze([...tls.rootCertificates, ...(added ?? [])]);
// The property of the module itself cannot be replaced.
const shown = Object.create(tls, {
  rootCertificates: { value: rootCertificates, enumerable: true },
  getCACertificates: {
    value: (type) => (type === 'bundled' ? rootCertificates : tls.getCACertificates(type)),
    enumerable: true,
  },
});

const isTls = (id) => id === 'tls' || id === 'node:tls';
// Bundles call the one, sources that tsx runs the other.
const { getBuiltinModule } = process;
process.getBuiltinModule = (id) => (isTls(id) ? shown : getBuiltinModule.call(process, id));
const { _load: load } = Module;
Module._load = (id, ...others) => (isTls(id) ? shown : load(id, ...others));

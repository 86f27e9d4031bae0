/**
 * Two files of undici, loaded by themselves: with the whole package the function loads 1,040 KB in place of
 * 600 KB and needs 17 % more processor time to its first result. They are not part of the public interface, so
 * `package.json` names one version of undici, and a test compares them with that interface.
 */
export { default as buildConnector } from 'undici/lib/core/connect.js';
export { default as Client } from 'undici/lib/dispatcher/client.js';

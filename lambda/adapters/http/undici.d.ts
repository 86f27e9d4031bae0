/**
 * Two files of undici, loaded by themselves: the whole package is three times as large and starts twice as
 * slowly. They are not part of its public interface, so their types are here; the tests on real servers would
 * detect a change.
 */
declare module 'undici/lib/dispatcher/client.js' {
  import { Client } from 'undici';
  export default Client;
}

declare module 'undici/lib/core/connect.js' {
  import { buildConnector } from 'undici';
  export default buildConnector;
}

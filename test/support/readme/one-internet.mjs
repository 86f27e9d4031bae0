/**
 * Preloaded (NODE_OPTIONS=--import) by processes that are to find the issuers of a test under public names: every name has
 * one address, which nobody has, and every connection that would leave the machine goes to a port of it instead, as
 * LOCAL_PORTS says (JSON, the port that is asked for to the one that answers). So nothing reaches the internet.
 */
import dns from 'node:dns/promises';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

const ports = new Map(Object.entries(JSON.parse(process.env.LOCAL_PORTS)));
/** Of a block that was given back (RFC 3701): public by its number. */
const ADDRESS = '3ffe::1';
const REFUSING = 1;

dns.lookup = () => Promise.resolve([{ address: ADDRESS, family: 6 }]);
syncBuiltinESMExports();

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  // `net.connect` passes its arguments on as a list.
  const [options] = Array.isArray(args[0]) ? args[0] : args;
  if (!options.path && options.host !== '127.0.0.1')
    Object.assign(options, { host: '127.0.0.1', port: ports.get(String(options.port)) ?? REFUSING });
  return connect.apply(this, args);
};

/** Hosts as keys and as people read them. */
import type { Host } from './types';

/** `host:port`, as hosts are compared. IPv6 literals are in brackets, as in URLs. */
export const hostKey = ({ name, port }: Host): string => `${bracketed(name)}:${port}`;

/** A host for people: with the port only if it is not 443. */
export const hostName = ({ name, port }: Host): string =>
  port === 443 ? bracketed(name) : `${bracketed(name)}:${port}`;

const bracketed = (name: string): string => (name.includes(':') ? `[${name}]` : name);

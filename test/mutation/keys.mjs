/** RSA keys take longer to make than most tests to run: a new set of modules reuses those that the one before made. */
import { webcrypto } from 'node:crypto';

/** From here on keys come from a cache. Returns how to begin anew: the first key that is requested is the first. */
export function reuseKeys() {
  const { subtle } = webcrypto;
  const generate = subtle.generateKey.bind(subtle);
  const made = new Map();
  let taken = new Map();
  subtle.generateKey = (algorithm, ...rest) => {
    const kind = JSON.stringify(algorithm);
    const keys = made.get(kind) ?? [];
    const next = taken.get(kind) ?? 0;
    taken.set(kind, next + 1);
    keys[next] ??= generate(algorithm, ...rest);
    made.set(kind, keys);
    return keys[next];
  };
  return () => {
    taken = new Map();
  };
}

/** openssl, whose s_client is the reference for what a server sends. */
import { execFile, execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import type { KeyType } from '../../lambda/core/domain';

/** Whether openssl is on the PATH. Where it is not, a line on stderr says that its tests are skipped. */
export const opensslIsThere: boolean = findOpenssl();

function findOpenssl(): boolean {
  try {
    return execFileSync('openssl', ['version']).toString().startsWith('OpenSSL 3');
  } catch {
    process.stderr.write('SKIPPED: comparison with openssl s_client, which is not on the PATH.\n');
    return false;
  }
}

/** Schemes that let a server show its certificate of this key type alone. */
const SIGALGS: Readonly<Record<KeyType, string>> = {
  rsa: 'rsa_pss_rsae_sha256:RSA+SHA256',
  ecdsa: 'ECDSA+SHA256:ECDSA+SHA384',
};

/**
 * The list of `openssl s_client -showcerts`, in its order, as DER: AWS's own recipe. Empty where there was no
 * certificate, whatever the reason.
 */
export function showCerts(
  address: string,
  port: number,
  servername: string,
  keyType: KeyType,
): Promise<readonly Buffer[]> {
  const host = address.includes(':') ? `[${address}]` : address;
  const target = ['s_client', '-showcerts', '-connect', `${host}:${port}`, '-servername', servername];
  return new Promise((resolve) => {
    const child = execFile('openssl', [...target, '-sigalgs', SIGALGS[keyType]], (_, output) => {
      const blocks = output.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
      resolve(blocks.map((pem) => new X509Certificate(pem).raw));
    });
    child.stdin?.end();
  });
}

/** openssl, whose s_client is the reference for what a server sends. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Identity } from '../../demo/authority';
import type { KeyType } from '../../lambda/domain/types';

/** Whether openssl is on the PATH. If it is not, a line on stderr says that its tests are skipped. */
export const opensslIsThere: boolean = findOpenssl();

function findOpenssl(): boolean {
  try {
    return execFileSync('openssl', ['version']).toString().startsWith('OpenSSL 3');
  } catch {
    process.stderr.write('SKIPPED: comparison with openssl s_client, which is not on the PATH.\n');
    return false;
  }
}

/** Schemes that make a server send its certificate of this key type alone. */
const SIGALGS: Readonly<Record<KeyType, string>> = {
  rsa: 'rsa_pss_rsae_sha256:RSA+SHA256',
  ecdsa: 'ECDSA+SHA256:ECDSA+SHA384',
};

/**
 * The list of `openssl s_client -showcerts`, in its order, as DER: AWS's own recipe. Empty if there was no
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

/** A server that applies the client's signature schemes exactly, to every certificate of its chain. */
export async function serveStrictly(
  [leaf, ...above]: readonly [Identity, ...Identity[]],
  version: '-tls1_2' | '-tls1_3',
): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'thumbprint-openssl-'));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const child = spawn(
    'openssl',
    [
      ...['s_server', '-strict', version, '-accept', '127.0.0.1:0', '-naccept', '100'],
      ...['-cert', file('leaf.pem', leaf.pem), '-key', file('key.pem', leaf.keyPem)],
      ...['-cert_chain', file('chain.pem', above.map(({ pem }) => pem).join('\n'))],
    ],
    { stdio: ['pipe', 'pipe', 'ignore'] },
  );
  const exited = once(child, 'exit');
  const port = await new Promise<number>((resolve) => {
    let said = '';
    child.stdout.on('data', (text: Buffer) => {
      said += text.toString();
      const found = /ACCEPT \S+:(\d+)/.exec(said)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
  });
  return {
    port,
    close: async () => {
      child.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

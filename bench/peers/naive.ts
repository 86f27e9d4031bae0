/**
 * The naive implementation, similar to the custom resource of aws-cdk: for one org after the other it fetches the
 * document, connects for the certificate and gets the provider. A Lambda function, so that it is measured as the monitor is.
 */
import { GetOpenIDConnectProviderCommand, IAMClient } from '@aws-sdk/client-iam';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';
import * as v from 'valibot';

const Document = v.object({ issuer: v.string(), jwks_uri: v.string() });
const Config = v.object({ issuers: v.array(v.string()) });

/** The result for one org. */
export interface NaiveResult {
  readonly issuer: string;
  readonly thumbprint: string;
  readonly listed: readonly string[];
}

/** Reads the monitor's configuration. */
export async function handler(): Promise<readonly NaiveResult[]> {
  const { issuers } = v.parse(Config, JSON.parse(process.env['MONITOR_CONFIG'] ?? '{}'));
  const iam = new IAMClient({});
  const results: NaiveResult[] = [];
  for (const issuer of issuers) {
    const response = await fetch(`${issuer}/.well-known/openid-configuration`);
    const document = v.parse(Document, await response.json());
    const thumbprint = await topThumbprint(new URL(document.jwks_uri));
    const provider = await iam.send(
      new GetOpenIDConnectProviderCommand({
        OpenIDConnectProviderArn: `arn:aws:iam::123456789012:oidc-provider/${issuer.slice('https://'.length)}`,
      }),
    );
    results.push({ issuer: document.issuer, thumbprint, listed: provider.ThumbprintList ?? [] });
  }
  return results;
}

async function topThumbprint({ hostname, port }: URL): Promise<string> {
  const socket = connect({ host: hostname, port: Number(port) || 443, servername: hostname });
  await once(socket, 'secureConnect');
  let top = socket.getPeerX509Certificate();
  while (top?.issuerCertificate !== undefined) top = top.issuerCertificate;
  socket.destroy();
  return createHash('sha1')
    .update(top?.raw ?? '')
    .digest('hex');
}

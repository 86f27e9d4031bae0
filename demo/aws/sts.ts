/**
 * A login at STS, as far as the issuer's certificate decides about it:
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html. The token's signature and the
 * role's trust policy are not evaluated: a rotation of certificates changes neither.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';
import * as v from 'valibot';
import { AwsFault } from './fault';
import { requireValue } from './form';
import type { Parameters } from './form';
import { ACCOUNT } from './store';
import type { Hosts, Inquiry, State } from './store';

const SESSION_MS = 3_600_000;

const CLAIMS = v.object({ iss: v.pipe(v.string(), v.url()), sub: v.string(), aud: v.string() });
type Claims = v.InferOutput<typeof CLAIMS>;

/** The message of AWS if a provider does not list the thumbprint of the issuer's certificate. */
export const THUMBPRINT_MISMATCH =
  "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint";

/** Gives credentials, which no other action looks up. The errors are in the words of AWS, as users report them. */
export const assumeRoleWithWebIdentity: Inquiry = async (state, parameters, { now, hosts }) => {
  const { iss, sub, aud } = claimsIn(requireValue(parameters, 'WebIdentityToken'));
  const role = requireRole(state, parameters);
  const session = requireValue(parameters, 'RoleSessionName');
  const [arn, provider] = [...state.providers].find(([, { url }]) => `https://${url}` === iss) ?? [];
  if (arn === undefined || provider === undefined) {
    throw invalidToken(`No OpenIDConnect provider found in your account for ${iss}`);
  }
  if (!provider.thumbprints.includes(await lastThumbprint(new URL(iss), hosts))) {
    throw invalidToken(THUMBPRINT_MISMATCH);
  }
  return {
    Credentials: {
      AccessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
      SecretAccessKey: randomBytes(30).toString('base64'),
      SessionToken: randomBytes(192).toString('base64'),
      Expiration: new Date(Date.parse(now) + SESSION_MS).toISOString(),
    },
    AssumedRoleUser: {
      AssumedRoleId: session,
      Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${session}`,
    },
    SubjectFromWebIdentityToken: sub,
    Audience: aud,
    Provider: arn,
  };
};

function claimsIn(token: string): Claims {
  try {
    return v.parse(CLAIMS, JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()));
  } catch {
    throw invalidToken('The ID Token provided is not a valid JWT.');
  }
}

/** AWS does not say whether a role is missing. */
function requireRole({ roles }: State, parameters: Parameters): string {
  const name = requireValue(parameters, 'RoleArn').replace(/^.*\//, '');
  if (roles.has(name)) return name;
  throw new AwsFault('AccessDenied', 403, 'Not authorized to perform sts:AssumeRoleWithWebIdentity');
}

/** Of the last certificate that the issuer serves, which is the one that AWS compares. */
async function lastThumbprint({ hostname, port }: URL, hosts: Hosts): Promise<string> {
  const socket = connect({
    host: hosts[hostname]?.[0] ?? hostname,
    port: Number(port === '' ? '443' : port),
    servername: hostname,
    // What decides is the list.
    rejectUnauthorized: false,
  });
  try {
    await once(socket, 'secureConnect');
    let last = socket.getPeerX509Certificate();
    while (last?.issuerCertificate !== undefined) last = last.issuerCertificate;
    return last?.fingerprint.replaceAll(':', '').toLowerCase() ?? '';
  } catch {
    throw new AwsFault('IDPCommunicationError', 400, 'The identity provider (IDP) could not be reached.');
  } finally {
    socket.destroy();
  }
}

const invalidToken = (message: string): AwsFault => new AwsFault('InvalidIdentityToken', 400, message);

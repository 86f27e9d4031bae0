/**
 * A login at STS: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html. AWS compares the
 * issuer's certificate with the list only if its own trust store does not have the CA; here the list always decides.
 */
import { randomBytes } from 'node:crypto';
import { audienceOf, permitsRole } from './condition-keys';
import { AwsFault } from './fault';
import { requireValue } from './form';
import { fetchKeySet } from './issuer-keys';
import { ACCOUNT } from './store';
import type { Circumstances, Inquiry, State, StoredProvider } from './store';
import { invalidToken, parseToken, requireSignature, requireValidTime } from './token';
import type { Token } from './token';
import { parseTrustPolicy } from './trust-policy';
import { decideLogin } from './web-identity';

const SESSION_MS = 3_600_000;

/** The message of AWS if the trust policy of the role does not allow a login, or if there is no such role. */
export const NOT_AUTHORIZED = 'Not authorized to perform sts:AssumeRoleWithWebIdentity';

/** Gives credentials, which no other action looks up. The errors are in the words of AWS, as users report them. */
export const assumeRoleWithWebIdentity: Inquiry = async (state, parameters, circumstances) => {
  const { now, network } = circumstances;
  const token = parseToken(requireValue(parameters, 'WebIdentityToken'));
  const roleArn = requireValue(parameters, 'RoleArn');
  const sessionName = requireValue(parameters, 'RoleSessionName');
  const issuer = String(token.claims['iss']);
  const provider = requireProvider(state, issuer);
  const audience = requireAudience(token, provider);
  requireValidTime(token, now);
  requireSignature(token, await fetchKeySet(issuer, provider.thumbprints, network));
  // What AWS says of a token that does not name the role is not documented; the code is reported.
  if (!permitsRole(token.claims, roleArn)) throw invalidToken('The ID Token does not name the role.');
  requirePermission(state, { token, provider, roleArn, sessionName }, circumstances);
  const role = roleArn.replace(/^.*\//, '');
  return {
    Credentials: {
      AccessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
      SecretAccessKey: randomBytes(30).toString('base64'),
      SessionToken: randomBytes(192).toString('base64'),
      Expiration: new Date(Date.parse(now) + SESSION_MS).toISOString(),
    },
    AssumedRoleUser: {
      AssumedRoleId: sessionName,
      Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${sessionName}`,
    },
    SubjectFromWebIdentityToken: token.subject,
    Audience: audience,
    Provider: provider.arn,
  };
};

/** Null in a list: AWS does not compare it. */
interface Provider {
  readonly arn: string;
  /** Without `https://`. */
  readonly url: string;
  readonly clientIds: readonly string[] | null;
  readonly thumbprints: StoredProvider['thumbprints'] | null;
}

/** AWS accepts their tokens in every account: reference_policies_elements_principal.html#principal-federated-web-identity. */
const BUILT_IN = ['accounts.google.com'];

function requireProvider({ providers }: State, issuer: string): Provider {
  const url = issuer.replace(/^https:\/\//, '');
  if (BUILT_IN.includes(url)) return { arn: url, url, clientIds: null, thumbprints: null };
  const [arn, provider] = [...providers].find(([, stored]) => `https://${stored.url}` === issuer) ?? [];
  if (arn === undefined || provider === undefined) {
    throw invalidToken(`No OpenIDConnect provider found in your account for ${issuer}`);
  }
  return { arn, ...provider };
}

/** Several audiences without `azp` are refused, too. */
function requireAudience({ claims }: Token, { clientIds }: Provider): string {
  const audience = audienceOf(claims);
  if (audience !== null && clientIds?.includes(audience) !== false) return audience;
  throw invalidToken('Incorrect token audience');
}

interface Login {
  readonly token: Token;
  readonly provider: Provider;
  readonly roleArn: string;
  readonly sessionName: string;
}

/** AWS does not say whether a role is missing. Throws AccessDenied. */
function requirePermission(
  { roles }: State,
  { token, provider, roleArn, sessionName }: Login,
  { now, sourceIp }: Circumstances,
): void {
  const policy = roles.get(roleArn.replace(/^.*\//, ''))?.trustPolicy;
  if (policy === undefined) throw new AwsFault('AccessDenied', 403, NOT_AUTHORIZED);
  const decision = decideLogin(parseTrustPolicy(policy), {
    issuer: provider.url,
    providerArn: provider.arn,
    claims: token.claims,
    sessionName,
    environment: new Map([
      ['aws:sourceip', sourceIp],
      ['aws:currenttime', now],
      ['aws:epochtime', String(Math.floor(Date.parse(now) / 1_000))],
      // STS has no endpoint without TLS.
      ['aws:securetransport', 'true'],
    ]),
  });
  switch (decision.decision) {
    case 'allowed':
      return;
    case 'denied':
      throw new AwsFault('AccessDenied', 403, NOT_AUTHORIZED);
    case 'unsupported':
      throw new AwsFault('NotImplemented', 501, `Not evaluated here: ${decision.reasons.join('; ')}.`);
  }
}

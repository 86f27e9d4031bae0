/** STS, as far as CI jobs use it: https://docs.aws.amazon.com/STS/latest/APIReference/ */
import { AwsFault } from '../fault';
import { ACCOUNT } from '../store';
import type { Action, Circumstances, Inquiry, State, StoredProvider, StoredRole } from '../store';
import type { Xml } from '../xml';
import { requireAudience, requireValidity } from './claims';
import { invalidToken, notAuthorized } from './faults';
import { readSigningKeys } from './issuer-documents';
import { parseJwt, verifySignature } from './jwt';
import type { Claims } from './jwt';
import { requireLogin } from './limits';
import type { LoginRequest } from './limits';
import { letsIn } from './trust';
import type { Origin } from './trust';

/** Without temporary credentials, a caller is the account's owner: permanent keys are not looked up. */
export const getCallerIdentity: Action = (state, _, { session }) => {
  const { arn, userId } = session ?? { arn: `arn:aws:iam::${ACCOUNT}:root`, userId: ACCOUNT };
  return { state, result: { UserId: userId, Account: ACCOUNT, Arn: arn } };
};

/** Trusts only what the issuer's key confirms. Session policies and tags are not known here. */
export const assumeRoleWithWebIdentity: Inquiry = async (state, parameters, circumstances) => {
  const login = requireLogin(parameters);
  const { claims, origin } = await verifyToken(state, login.token, circumstances);
  const { name, role } = findRole(state, login.roleArn);
  if (!letsIn(role.trustPolicy, claims, origin)) throw notAuthorized();
  requireDuration(login, role);
  return grant({ name, role, login, claims, origin }, circumstances);
};

interface Verified {
  readonly claims: Claims;
  readonly origin: Origin;
}

async function verifyToken(state: State, token: string, { now, outside }: Circumstances): Promise<Verified> {
  const jwt = parseJwt(token);
  const { claims } = jwt;
  const { arn, provider } = findProvider(state, claims.iss);
  const at = new Date(now);
  const { thumbprints, url } = provider;
  verifySignature(jwt, await readSigningKeys(outside, { issuer: claims.iss, thumbprints, now: at }));
  const audience = requireAudience(claims, provider.clientIds);
  requireValidity(claims, at);
  return { claims, origin: { providerArn: arn, url, audience } };
}

function findProvider(state: State, issuer: string): { arn: string; provider: StoredProvider } {
  for (const [arn, provider] of state.providers) {
    if (`https://${provider.url}` === issuer) return { arn, provider };
  }
  throw invalidToken(`No OpenIDConnect provider found in your account for ${issuer}`);
}

function findRole(state: State, roleArn: string): { name: string; role: StoredRole } {
  for (const [name, role] of state.roles) {
    if (roleArn === `arn:aws:iam::${ACCOUNT}:role${role.path}${name}`) return { name, role };
  }
  throw notAuthorized();
}

function requireDuration({ seconds }: LoginRequest, { maxSessionSeconds }: StoredRole): void {
  if (seconds <= maxSessionSeconds) return;
  const message = 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.';
  throw new AwsFault('ValidationError', 400, message);
}

interface Grant extends Verified {
  readonly name: string;
  readonly role: StoredRole;
  readonly login: LoginRequest;
}

function grant({ name, role, login, claims, origin }: Grant, { now, sessions }: Circumstances): Xml {
  const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/${name}/${login.sessionName}`;
  const userId = `${role.id}:${login.sessionName}`;
  const expiry = new Date(new Date(now).getTime() + login.seconds * 1000);
  const { accessKeyId, secretAccessKey, sessionToken } = sessions.begin({ arn, userId, expiry });
  return {
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
      Expiration: expiry.toISOString(),
    },
    AssumedRoleUser: { AssumedRoleId: userId, Arn: arn },
    SubjectFromWebIdentityToken: claims.sub,
    Audience: origin.audience,
    Provider: origin.providerArn,
  };
}

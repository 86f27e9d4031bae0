/** Logins at the embedded STS, over sockets: of each kind of issuer, and those that STS refuses. */
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';
import { startAws } from '../../demo/aws';
import type { EmbeddedAws } from '../../demo/aws';
import type { Claims } from '../../demo/aws/condition-keys';
import { THUMBPRINT_MISMATCH } from '../../demo/aws/issuer-keys';
import { NOT_AUTHORIZED } from '../../demo/aws/sts';
import { startIssuer } from '../../demo/issuer';
import type { Issuer } from '../../demo/issuer';
import { logIn } from '../../demo/login';
import type { Login } from '../../demo/login';
import { circleciClaims, plainClaims, validFor } from '../../demo/tokens';
import { settings } from '../support/emulator';
import { ISSUER_LOGINS, conditionOf } from '../support/issuer-logins';
import type { IssuerLogin, ShortCondition } from '../support/issuer-logins';
import { createProvider } from '../support/let-in';
import { allow, policyOf } from '../support/roles';
import { commonSigningKey } from '../support/signing-key';

jest.setTimeout(30_000);

const HOUR = 3_600;
const ACCOUNT = 'arn:aws:iam::123456789012';

let top: Identity;
let aws: EmbeddedAws;
let iam: IAMClient;
/** By their host names. */
const issuers = new Map<string, Issuer>();
let roles = 0;

/** For logins that are wrong. */
const OTHER = 'https://other.example.com';
/** For all of these there is a provider. */
const URLS = [...ISSUER_LOGINS.map(({ issuer }) => issuer), OTHER, `${OTHER}/not-served`];

beforeAll(async () => {
  top = await mint({ commonName: 'Private CA', ca: true });
  for (const name of new Set(URLS.map((url) => new URL(url).hostname))) {
    const leaf = await mint({ commonName: name, hosts: [name], signedBy: top });
    const paths = URLS.filter((url) => new URL(url).hostname === name && !url.endsWith('/not-served')).map(
      (url) => url.slice(new URL(url).origin.length),
    );
    const signingKey = commonSigningKey();
    issuers.set(name, await startIssuer({ chain: [leaf, top], name, publicPort: 443, paths, signingKey }));
  }
  aws = await startAws({
    hosts: Object.fromEntries([...issuers.keys()].map((name) => [name, ['127.0.0.1']])),
    ports: Object.fromEntries([...issuers].map(([name, { port }]) => [name, port])),
  });
  iam = new IAMClient(settings(aws.url));
  for (const issuer of new Set(URLS)) {
    const audiences = ISSUER_LOGINS.filter((login) => login.issuer === issuer).map(({ claims }) =>
      String([claims['aud']].flat()[0]),
    );
    if (issuer !== 'https://accounts.google.com')
      await createProvider(iam, { issuer, audiences: ['aws', ...audiences], thumbprints: [top.thumbprint] });
  }
});

afterAll(async () => {
  iam.destroy();
  await Promise.all([aws.close(), ...[...issuers.values()].map(({ close }) => close())]);
});

const providerOf = (issuer: string): string => {
  const url = issuer.replace('https://', '');
  return url === 'accounts.google.com' ? url : `${ACCOUNT}:oidc-provider/${url}`;
};

async function createRole(trustPolicy: string): Promise<string> {
  roles += 1;
  await iam.send(new CreateRoleCommand({ RoleName: `role-${roles}`, AssumeRolePolicyDocument: trustPolicy }));
  return `${ACCOUNT}:role/role-${roles}`;
}

const sign = (claims: Claims): string => {
  const issuer = issuers.get(new URL(String(claims['iss'])).hostname);
  if (issuer === undefined) throw new Error(`No issuer runs for ${String(claims['iss'])}.`);
  return issuer.sign(claims);
};

describe('a login at the embedded STS', () => {
  const byName = ISSUER_LOGINS.map((login) => [`${login.name}: ${login.issuer}`, login] as const);

  async function logInWith(login: IssuerLogin, condition: ShortCondition): Promise<Login> {
    const { issuer, claims, actions = [] } = login;
    const action = { Action: ['sts:AssumeRoleWithWebIdentity', ...actions] };
    const statement = allow(providerOf(issuer), conditionOf(issuer, condition), action);
    const role = await createRole(policyOf(statement));
    return logIn(aws.url, sign(validFor(claims, HOUR, new Date())), role);
  }

  it.each(byName)('lets in who the trust policy names, and no other token. %s', async (_, login) => {
    expect(await logInWith(login, login.right)).toEqual({
      works: true,
      identity: `arn:aws:sts::123456789012:assumed-role/role-${roles}/build-7`,
    });
    expect(await logInWith(login, login.wrong)).toEqual({ works: false, reason: NOT_AUTHORIZED });
  });

  it('needs a statement for sts:TagSession if the token has session tags', async () => {
    const [login] = ISSUER_LOGINS.filter(({ actions }) => actions !== undefined);
    if (login === undefined) throw new Error('No token has session tags.');
    expect(await logInWith({ ...login, actions: [] }, login.right)).toEqual({
      works: false,
      reason: NOT_AUTHORIZED,
    });
  });
});

describe('the embedded STS', () => {
  const claims = plainClaims(OTHER, 'robot', 'aws');
  const now = (): Date => new Date();
  const valid = (more: Claims = {}): Claims => validFor({ ...claims, ...more }, HOUR, now());
  const ago = (seconds: number): Date => new Date(Date.now() - seconds * 1_000);

  const refusal = async (token: string, statement: object = allow(providerOf(OTHER))): Promise<string> => {
    const login = await logIn(aws.url, token, await createRole(policyOf(statement)));
    return login.works ? 'works' : login.reason;
  };

  it.each<[string, string, () => string]>([
    ['text', 'The ID Token provided is not a valid JWT.', () => 'secret'],
    ['a token without a subject', 'Missing a required claim: sub', () => sign(valid({ sub: undefined }))],
    ['a token without times', 'Missing a required claim: iat', () => sign(claims)],
    ['a token for another audience', 'Incorrect token audience', () => sign(valid({ aud: 'azure' }))],
    [
      'a token for several audiences',
      'Incorrect token audience',
      () => sign(valid({ aud: ['aws', 'azure'] })),
    ],
    ['a token of another client', 'Incorrect token audience', () => sign(valid({ azp: 'azure' }))],
    [
      'a token of tomorrow',
      'The ID Token was issued in the future.',
      () => sign(validFor(claims, HOUR, ago(-HOUR))),
    ],
    [
      'a token of an issuer without a provider',
      `No OpenIDConnect provider found in your account for ${OTHER}/x`,
      () => sign(valid({ iss: `${OTHER}/x` })),
    ],
    [
      'a token of an issuer without documents',
      "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
      () => sign(valid({ iss: `${OTHER}/not-served` })),
    ],
    [
      'a token by an unknown key',
      "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
      () => commonSigningKey().sign(valid()),
    ],
    [
      'a token that was changed',
      'The signature of the ID Token is not valid.',
      () => {
        const [header = '', , signature = ''] = sign(valid()).split('.');
        const payload = Buffer.from(JSON.stringify(valid({ sub: 'root' }))).toString('base64url');
        return `${header}.${payload}.${signature}`;
      },
    ],
    [
      'a token that is for another role',
      'The ID Token does not name the role.',
      () => sign(valid({ 'https://aws.amazon.com/roles': `${ACCOUNT}:role/other` })),
    ],
  ])('refuses %s', async (_, reason, token) => {
    expect(await refusal(token())).toBe(reason);
  });

  it('accepts a token that expired less than five minutes ago, and no older one', async () => {
    expect(await refusal(sign(validFor(claims, HOUR, ago(HOUR + 240))))).toBe('works');
    expect(await refusal(sign(validFor(claims, HOUR, ago(HOUR + 360))))).toMatch(
      /^Token expired: current date\/time \d+ must be before the expiration date\/time \d+$/,
    );
  });

  it('accepts one of several audiences if it is the client', async () => {
    expect(await refusal(sign(valid({ aud: ['x', 'y'], azp: 'aws' })))).toBe('works');
  });

  it('says the same of a role that is missing and of one that does not trust the provider', async () => {
    expect(await logIn(aws.url, sign(valid()), `${ACCOUNT}:role/missing`)).toEqual({
      works: false,
      reason: NOT_AUTHORIZED,
    });
    expect(await refusal(sign(valid()), allow(providerOf('https://gitlab.com')))).toBe(NOT_AUTHORIZED);
  });

  it('knows the address of the caller and the time', async () => {
    const here = {
      IpAddress: { 'aws:SourceIp': '127.0.0.0/8' },
      DateLessThan: { 'aws:CurrentTime': '2001-01-01' },
    };
    const { IpAddress, DateLessThan } = here;
    expect(await refusal(sign(valid()), allow(providerOf(OTHER), { IpAddress }))).toBe('works');
    expect(await refusal(sign(valid()), allow(providerOf(OTHER), { DateLessThan }))).toBe(NOT_AUTHORIZED);
  });

  it('says so if it does not evaluate a policy', async () => {
    const sub = `${OTHER.replace('https://', '')}:sub`;
    const variable = { StringLike: { [sub]: '${aws:PrincipalTag/team}' } };
    expect(await refusal(sign(valid()), allow(providerOf(OTHER), variable))).toBe(
      `Not evaluated here: StringLike on ${sub} in statement 1.`,
    );
  });

  it('requests no documents over a connection whose certificate is not listed', async () => {
    const issuer = 'https://circleci.example.com/org/0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608';
    const org = issuer.slice(-36);
    const served = issuers.get('circleci.example.com');
    await createProvider(iam, { issuer, audiences: [org], thumbprints: ['0'.repeat(40)] });
    const before = served?.requests().length;
    const job = { org, project: org, user: org, source: null, version: 'V1' } as const;
    const token = sign(validFor(circleciClaims(issuer, job), HOUR, now()));
    expect(await refusal(token, allow(providerOf(issuer)))).toBe(THUMBPRINT_MISMATCH);
    expect(served?.requests()).toHaveLength(before ?? 0);
  });
});

import { CreateRoleCommand, IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { AssumeRoleWithWebIdentityCommandInput, Credentials } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { mint } from '../../demo/authority';
import type { Identity } from '../../demo/authority';
import { startAws } from '../../demo/aws';
import type { EmbeddedAws } from '../../demo/aws';
import { startIssuer } from '../../demo/issuer';
import type { Chain, Issuer } from '../../demo/issuer';
import { claimsOf } from '../../demo/tokens';
import type { Job } from '../../demo/tokens';
import { settings } from '../support/emulator';
import { createProvider } from '../support/let-in';
import { PROJECT, allow, keyOf, policyOf } from '../support/roles';
import { commonSigningKey } from '../support/signing-key';

// To make an RSA key takes its time on a busy machine.
jest.setTimeout(30_000);

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const OTHER_ORG = '0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608';
const USER = '3f6c1d27-90ab-4e5d-8c7f-6a5b4c3d2e1f';
const JOB: Job = { org: ORG, project: PROJECT, user: USER };
const STRANGER: Job = { ...JOB, project: OTHER_ORG };
const NAME = 'oidc.circleci.com';
const HOUR_MS = 3_600_000;

let root: Identity;
let chain: Chain;
let issuer: Issuer;
let aws: EmbeddedAws;
let iam: IAMClient;
let sts: STSClient;
let providerArn: string;
/** How far the account's clock is ahead. */
let ahead = 0;

const clock = (): Date => new Date(Date.now() + ahead);
const like = (sub: string): object => ({ StringLike: { [keyOf(providerArn, 'sub')]: sub } });
const roleArn = (name: string): string => `arn:aws:iam::123456789012:role/ci/${name}`;

async function chainBelow(above: Identity, hosts: readonly string[] = [NAME]): Promise<Chain> {
  const middle = await mint({ commonName: 'Intermediate', ca: true, signedBy: above });
  return [await mint({ commonName: 'oidc', hosts, signedBy: middle }), middle];
}

const createRole = (name: string, condition?: object, more: object = {}): Promise<unknown> =>
  iam.send(
    new CreateRoleCommand({
      RoleName: name,
      Path: '/ci/',
      AssumeRolePolicyDocument: policyOf(allow(providerArn, condition)),
      ...more,
    }),
  );

beforeAll(async () => {
  root = await mint({ commonName: 'Public Root', ca: true });
  chain = await chainBelow(root);
  issuer = await startIssuer({ chain, name: NAME, signingKey: commonSigningKey() });
  aws = await startAws({ hosts: { [NAME]: ['127.0.0.1'] }, publicRoots: root.pem, clock });
  iam = new IAMClient(settings(aws.url));
  // A client that logs in has no credentials.
  sts = new STSClient({ endpoint: aws.url, region: 'eu-west-1', maxAttempts: 1 });
  providerArn = await createProvider(iam, {
    issuer: issuer.issuerOf(ORG),
    audiences: [ORG, 'other'],
    thumbprints: ['f'.repeat(40)],
  });
  await createRole('project', like(`org/${ORG}/project/${PROJECT}/user/*`));
});

beforeEach(() => {
  ahead = 0;
  issuer.onRequest(undefined);
  issuer.rotate([chain]);
});

afterAll(async () => {
  iam.destroy();
  sts.destroy();
  await Promise.all([issuer.close(), aws.close()]);
});

type Login = Partial<AssumeRoleWithWebIdentityCommandInput>;

const assume = (token: string, more: Login = {}) =>
  sts.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: roleArn('project'),
      RoleSessionName: 'build-7',
      WebIdentityToken: token,
      ...more,
    }),
  );

const token = (job: Job = JOB, at = clock()): string => issuer.tokensOf(job, at).CIRCLE_OIDC_TOKEN_V2;
const claims = (more: object = {}): object => ({
  ...claimsOf(issuer.issuerOf(ORG), JOB, clock()).CIRCLE_OIDC_TOKEN,
  ...more,
});

/** Names are those of the SDK's classes. */
const refusal = (name: string, message: string | RegExp, httpStatusCode = 400) => ({
  name,
  message: expect.stringMatching(message),
  $metadata: { httpStatusCode },
});

async function whoAmI(shown: Credentials | undefined, more: Partial<Credentials> = {}) {
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken } = { ...shown, ...more };
  const client = new STSClient({
    ...settings(aws.url),
    credentials: {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      ...(SessionToken === undefined ? {} : { sessionToken: SessionToken }),
    },
  });
  try {
    const { Account, Arn, UserId } = await client.send(new GetCallerIdentityCommand({}));
    return { Account, Arn, UserId };
  } finally {
    client.destroy();
  }
}

describe('AssumeRoleWithWebIdentity: a login', () => {
  it.each(['CIRCLE_OIDC_TOKEN', 'CIRCLE_OIDC_TOKEN_V2'] as const)('by %s', async (name) => {
    const given = issuer.tokensOf(JOB)[name];
    const answer = await assume(given);
    const origin = '/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main';
    expect(answer).toMatchObject({
      AssumedRoleUser: {
        Arn: 'arn:aws:sts::123456789012:assumed-role/project/build-7',
        AssumedRoleId: expect.stringMatching(/^AROA[0-9A-F]{17}:build-7$/),
      },
      SubjectFromWebIdentityToken: `org/${ORG}/project/${PROJECT}/user/${USER}${name.endsWith('2') ? origin : ''}`,
      Audience: ORG,
      Provider: providerArn,
    });
    expect(await whoAmI(answer.Credentials)).toEqual({
      Account: '123456789012',
      Arn: answer.AssumedRoleUser?.Arn,
      UserId: answer.AssumedRoleUser?.AssumedRoleId,
    });
  });

  it('lasts an hour, or as long as requested if the role permits it', async () => {
    await createRole('patient', {}, { MaxSessionDuration: 7_200 });
    const lasts = async (more: Login): Promise<number> => {
      const { Credentials } = await assume(token(), more);
      return Math.round(((Credentials?.Expiration?.getTime() ?? 0) - Date.now()) / 60_000);
    };
    expect(await lasts({})).toBe(60);
    expect(await lasts({ DurationSeconds: 900 })).toBe(15);
    expect(await lasts({ RoleArn: roleArn('patient'), DurationSeconds: 7_200 })).toBe(120);
  });

  it('reads discovery document and keys each time, and accepts the new key after a rotation', async () => {
    const old = token();
    await assume(old);
    await issuer.replaceKeys();
    const before = issuer.requests().length;
    await expect(assume(old)).rejects.toMatchObject(
      refusal('InvalidIdentityTokenException', 'retrieve verification key'),
    );
    await expect(assume(token())).resolves.toBeDefined();
    expect(issuer.requests().slice(before)).toHaveLength(4);
  });

  it('delays no other call', async () => {
    const asked = new Promise<() => void>((resolve) => {
      issuer.onRequest((_, response) => {
        resolve(() => response.writeHead(503).end());
        return true;
      });
    });
    const refused = expect(assume(token())).rejects.toMatchObject({ name: 'IDPCommunicationErrorException' });
    const answer = await asked;
    await createRole('meanwhile');
    await iam.send(new ListRolesCommand({}));
    answer();
    await refused;
  });
});

describe('AssumeRoleWithWebIdentity: an invalid token', () => {
  const [head = '', body = ''] = ['{"alg":"none"}', '{}'].map((part) =>
    Buffer.from(part).toString('base64url'),
  );

  it.each<[string, () => string, ReturnType<typeof refusal>]>([
    ['that is none', () => 'not-a-token', refusal('InvalidIdentityTokenException', 'not a valid JWT')],
    [
      'without algorithm',
      () => `${head}.${body}.`,
      refusal('InvalidIdentityTokenException', 'not signed by RS256 but by "none"'),
    ],
    [
      'with a signature taken away',
      () => `${head}.${token().split('.')[1] ?? ''}.`,
      refusal('InvalidIdentityTokenException', 'not signed by RS256'),
    ],
    [
      'signed with the public key as a secret',
      () => {
        const [first = '', second = ''] = issuer.sign(claims(), { alg: 'HS256' }).split('.');
        const mac = createHmac('sha256', 'public').update(`${first}.${second}`).digest('base64url');
        return `${first}.${second}.${mac}`;
      },
      refusal('InvalidIdentityTokenException', 'not signed by RS256 but by "HS256"'),
    ],
    [
      'with an unknown kid',
      () => issuer.sign(claims(), { kid: 'x' }),
      refusal('InvalidIdentityTokenException', 'verification key'),
    ],
    [
      'without kid',
      () => issuer.sign(claims(), { kid: undefined }),
      refusal('InvalidIdentityTokenException', 'verification key'),
    ],
    [
      'with an extension that is critical',
      () => issuer.sign(claims(), { crit: ['exp'] }),
      refusal('InvalidIdentityTokenException', 'not a valid JWT'),
    ],
    [
      'that was changed',
      () => {
        const [first = '', , last = ''] = token(STRANGER).split('.');
        return [first, token().split('.')[1], last].join('.');
      },
      refusal('InvalidIdentityTokenException', 'invalid signature'),
    ],
    [
      'of an issuer without provider',
      () => token({ ...JOB, org: OTHER_ORG }),
      refusal(
        'InvalidIdentityTokenException',
        `No OpenIDConnect provider found in your account for https://.*${OTHER_ORG}`,
      ),
    ],
    [
      'of an issuer that only looks like the provider',
      () => issuer.sign(claims({ iss: `${issuer.issuerOf(ORG)}/` })),
      refusal('InvalidIdentityTokenException', 'No OpenIDConnect provider'),
    ],
    [
      'of another audience',
      () => issuer.sign(claims({ aud: 'x' })),
      refusal('InvalidIdentityTokenException', 'Incorrect token audience'),
    ],
    [
      'of two audiences',
      () => issuer.sign(claims({ aud: [ORG, 'other'] })),
      refusal('InvalidIdentityTokenException', 'Incorrect token audience'),
    ],
    [
      'without subject',
      () => issuer.sign(claims({ sub: undefined })),
      refusal('InvalidIdentityTokenException', 'claim: sub'),
    ],
    [
      'without iat',
      () => issuer.sign(claims({ iat: undefined })),
      refusal('InvalidIdentityTokenException', 'claim: iat'),
    ],
    [
      'without exp',
      () => issuer.sign(claims({ exp: undefined })),
      refusal('InvalidIdentityTokenException', 'claim: exp'),
    ],
    [
      'that has expired',
      () => token(JOB, new Date(Date.now() - HOUR_MS)),
      refusal(
        'ExpiredTokenException',
        /^Token expired: current date\/time \d+ must be before the expiration date\/time \d+$/,
      ),
    ],
    [
      'from the future',
      () => token(JOB, new Date(Date.now() + HOUR_MS)),
      refusal('IDPRejectedClaimException', 'issued in the future', 403),
    ],
    [
      'that is not valid yet',
      () => issuer.sign(claims({ nbf: Math.floor(Date.now() / 1000) + 3_600 })),
      refusal('IDPRejectedClaimException', 'not valid yet', 403),
    ],
  ])('%s', async (_, make, expected) => {
    await expect(assume(make())).rejects.toMatchObject(expected);
  });

  it('but not for a clock within a minute', async () => {
    await expect(assume(token(JOB, new Date(Date.now() + 30_000)))).resolves.toBeDefined();
  });
});

const DENIED = refusal('AccessDenied', /^Not authorized to perform sts:AssumeRoleWithWebIdentity$/, 403);

describe('AssumeRoleWithWebIdentity: the trust policy lets in', () => {
  let number = 0;
  const login = async (
    condition: object | undefined,
    job: Job,
    name: 'V1' | 'V2' = 'V2',
  ): Promise<string> => {
    number += 1;
    const role = `trust-${number}`;
    await createRole(role, condition);
    const { CIRCLE_OIDC_TOKEN: V1, CIRCLE_OIDC_TOKEN_V2: V2 } = issuer.tokensOf(job);
    const given = { V1, V2 }[name];
    const { AssumedRoleUser } = await assume(given, { RoleArn: roleArn(role) });
    return AssumedRoleUser?.Arn ?? '';
  };
  const main = (): object =>
    like(`org/${ORG}/project/${PROJECT}/user/*/vcs-origin/*/vcs-ref/refs/heads/main`);
  const projectId = (id: string): object => ({
    StringEquals: { [keyOf(providerArn, 'oidc.circleci.com/project-id')]: id },
  });

  it('the project that its subject names, and no other', async () => {
    const condition = like(`org/${ORG}/project/${PROJECT}/user/*`);
    await expect(login(condition, JOB)).resolves.toContain('assumed-role/trust-');
    await expect(login(condition, STRANGER)).rejects.toMatchObject(DENIED);
  });

  it('the ref that its subject names, by the second token alone', async () => {
    await expect(login(main(), JOB)).resolves.toContain('assumed-role/trust-');
    await expect(login(main(), JOB, 'V1')).rejects.toMatchObject(DENIED);
    await expect(login(main(), { ...JOB, ref: 'refs/heads/x' })).rejects.toMatchObject(DENIED);
  });

  it('the project id that it names', async () => {
    await expect(login(projectId(PROJECT), JOB, 'V1')).resolves.toContain('assumed-role/trust-');
    await expect(login(projectId(PROJECT), STRANGER)).rejects.toMatchObject(DENIED);
  });

  it('the audience that it names', async () => {
    const audience = (value: string): object => ({ StringEquals: { [keyOf(providerArn, 'aud')]: value } });
    await expect(login(audience(ORG), JOB)).resolves.toContain('assumed-role/trust-');
    await expect(login(audience('other'), JOB)).rejects.toMatchObject(DENIED);
  });

  it('nobody under conditions that are not evaluated', async () => {
    const condition = { IpAddress: { 'aws:SourceIp': '127.0.0.1/32' } };
    await expect(login(condition, JOB)).rejects.toMatchObject(DENIED);
  });

  it('nobody if the role does not exist, with the same error', async () => {
    await expect(assume(token(), { RoleArn: roleArn('nobody') })).rejects.toMatchObject(DENIED);
    const pathless = 'arn:aws:iam::123456789012:role/project';
    await expect(assume(token(), { RoleArn: pathless })).rejects.toMatchObject(DENIED);
  });

  it('nobody by a policy that cannot be parsed', async () => {
    await iam.send(
      new CreateRoleCommand({ RoleName: 'odd', Path: '/ci/', AssumeRolePolicyDocument: '{"Statement":7}' }),
    );
    await expect(assume(token(), { RoleArn: roleArn('odd') })).rejects.toMatchObject(DENIED);
  });
});

describe('AssumeRoleWithWebIdentity: an invalid request', () => {
  const violation = (value: string, member: string, rule: string): string =>
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must ${rule}`;

  it.each<[string, Login, string]>([
    [
      'a space in the session name',
      { RoleSessionName: 'a b' },
      violation('a b', 'roleSessionName', 'satisfy regular expression pattern: [\\w+=,.@-]*'),
    ],
    [
      'one character of it',
      { RoleSessionName: 'a' },
      violation('a', 'roleSessionName', 'have length greater than or equal to 2'),
    ],
    [
      '65 characters',
      { RoleSessionName: 'a'.repeat(65) },
      violation('a'.repeat(65), 'roleSessionName', 'have length less than or equal to 64'),
    ],
    [
      '899 seconds',
      { DurationSeconds: 899 },
      violation('899', 'durationSeconds', 'have value greater than or equal to 900'),
    ],
    [
      '43,201 seconds',
      { DurationSeconds: 43_201 },
      violation('43201', 'durationSeconds', 'have value less than or equal to 43200'),
    ],
    [
      'more than the role permits',
      { DurationSeconds: 3_601 },
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    ],
    [
      'a token of 20,001 characters, which is not repeated',
      { WebIdentityToken: 'x'.repeat(20_001) },
      violation('***', 'webIdentityToken', 'have length less than or equal to 20000'),
    ],
  ])('%s', async (_, more, message) => {
    await expect(assume(token(), more)).rejects.toMatchObject({
      name: 'ValidationError',
      message,
      $metadata: { httpStatusCode: 400 },
    });
  });

  it.each([
    ['RoleArn', 'roleArn'],
    ['WebIdentityToken', 'webIdentityToken'],
    ['RoleSessionName', 'roleSessionName'],
  ])('without %s', async (name, member) => {
    await expect(assume(token(), { [name]: undefined })).rejects.toMatchObject(
      refusal('ValidationError', `Value null at '${member}'`),
    );
  });

  it('without a signature, unless it is a login', async () => {
    const body = 'Action=GetCallerIdentity&Version=2011-06-15';
    const response = await fetch(aws.url, { method: 'POST', body });
    expect(await response.text()).toContain('<Code>MissingAuthenticationToken</Code>');
  });
});

describe('AssumeRoleWithWebIdentity: an issuer that is not trusted', () => {
  const answering = (path: string, status: number, body: string): void => {
    issuer.onRequest(({ url }, response) => {
      if (!url.endsWith(path)) return false;
      response.writeHead(status).end(body);
      return true;
    });
  };
  const NO_KEY = refusal(
    'InvalidIdentityTokenException',
    "^Couldn't retrieve verification key from your identity provider",
  );
  const NO_ANSWER = refusal('IDPCommunicationErrorException', 'could not be reached');

  it.each<[string, string, number, string, ReturnType<typeof refusal>]>([
    ['without discovery document', 'openid-configuration', 404, '{}', NO_KEY],
    [
      'that names another',
      'openid-configuration',
      200,
      '{"issuer":"https://a","jwks_uri":"https://a"}',
      NO_KEY,
    ],
    ['whose document is no JSON', 'openid-configuration', 200, '<html>', NO_KEY],
    ['that redirects', 'openid-configuration', 302, '', NO_KEY],
    ['whose keys are none', 'jwks-pub.json', 200, '{"keys":7}', NO_KEY],
    ['whose keys are too many', 'jwks-pub.json', 200, ' '.repeat(262_145), NO_KEY],
    ['that is out of order', 'jwks-pub.json', 503, '', NO_ANSWER],
  ])('%s', async (_, path, status, body, expected) => {
    answering(path, status, body);
    await expect(assume(token())).rejects.toMatchObject(expected);
  });

  it('of which the key is broken', async () => {
    const { kid, sign } = { kid: 'enc', sign: issuer.sign };
    answering(
      'jwks-pub.json',
      200,
      JSON.stringify({ keys: [{ kty: 'RSA', kid, use: 'enc', n: 'AQAB', e: 'AQAB' }] }),
    );
    await expect(assume(sign(claims(), { kid }))).rejects.toMatchObject(NO_KEY);
  });

  it('of which the key is broken', async () => {
    answering('jwks-pub.json', 200, JSON.stringify({ keys: [{ kty: 'RSA', kid: 'k' }] }));
    await expect(assume(issuer.sign(claims(), { kid: 'k' }))).rejects.toMatchObject(
      refusal('InvalidIdentityTokenException', 'invalid signature'),
    );
  });
});

describe('AssumeRoleWithWebIdentity: an issuer with a private authority', () => {
  let privateRoot: Identity;
  let own: Chain;
  let number = 0;
  const list = async (thumbprint: string, served: Chain = own): Promise<string> => {
    issuer.rotate([served]);
    number += 1;
    const org = `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
    const arn = await createProvider(iam, {
      issuer: issuer.issuerOf(org),
      audiences: [org],
      thumbprints: [thumbprint],
    });
    await iam.send(
      new CreateRoleCommand({ RoleName: `own-${number}`, AssumeRolePolicyDocument: policyOf(allow(arn)) }),
    );
    const { AssumedRoleUser } = await assume(token({ ...JOB, org }), {
      RoleArn: `arn:aws:iam::123456789012:role/own-${number}`,
    });
    return AssumedRoleUser?.Arn ?? '';
  };
  const top = (served: Chain): string => served.at(-1)?.thumbprint ?? '';
  const MISMATCH = refusal(
    'InvalidIdentityTokenException',
    /^OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint$/,
  );

  beforeAll(async () => {
    privateRoot = await mint({ commonName: 'Private Root', ca: true });
    own = await chainBelow(privateRoot);
  });

  it('is trusted by the last certificate that it serves, in either case of letters', async () => {
    await expect(list(top(own))).resolves.toContain('assumed-role/own-');
    await expect(list(top(own).toUpperCase())).resolves.toContain('assumed-role/own-');
  });

  it('is not trusted by its leaf, nor by a root that it does not serve', async () => {
    await expect(list(own[0]?.thumbprint ?? '')).rejects.toMatchObject(MISMATCH);
    await expect(list(privateRoot.thumbprint)).rejects.toMatchObject(MISMATCH);
  });

  it('is not trusted with a certificate for another host', async () => {
    const other = await chainBelow(privateRoot, ['example.com']);
    await expect(list(top(other), other)).rejects.toMatchObject(MISMATCH);
  });

  it('is not trusted with a chain whose signatures do not verify', async () => {
    const stranger = await chainBelow(await mint({ commonName: 'Stranger', ca: true }));
    const odd = [...own.slice(0, 1), ...stranger.slice(1)];
    await expect(list(top(odd), odd)).rejects.toMatchObject(MISMATCH);
  });

  it('is not trusted with an expired certificate', async () => {
    const middle = own[1];
    const dates = { notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') };
    if (middle === undefined) throw new TypeError('The chain has two certificates.');
    const leaf = await mint({ commonName: 'old', hosts: [NAME], signedBy: middle, ...dates });
    await expect(list(top(own), [leaf, middle])).rejects.toMatchObject(MISMATCH);
  });
});

describe('temporary credentials', () => {
  const INVALID = refusal('InvalidClientTokenId', 'security token included in the request is invalid', 403);
  let given: Credentials | undefined;

  beforeEach(async () => {
    given = (await assume(token())).Credentials;
  });

  it('are refused without their session token, or with another', async () => {
    await expect(whoAmI(given, { SessionToken: undefined })).rejects.toMatchObject(INVALID);
    await expect(whoAmI(given, { SessionToken: 'x' })).rejects.toMatchObject(INVALID);
  });

  it('are refused under another key', async () => {
    await expect(whoAmI(given, { AccessKeyId: 'ASIA0000000000000000' })).rejects.toMatchObject(INVALID);
    await expect(whoAmI(given, { AccessKeyId: 'AKIA0000000000000000' })).rejects.toMatchObject(INVALID);
  });

  it('expire', async () => {
    ahead = HOUR_MS - 60_000;
    await expect(whoAmI(given)).resolves.toMatchObject({ Account: '123456789012' });
    ahead = HOUR_MS + 60_000;
    await expect(whoAmI(given)).rejects.toMatchObject(refusal('ExpiredToken', 'is expired', 403));
  });

  it('work with IAM, too', async () => {
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = given ?? {};
    const list = async (sessionToken: string): Promise<unknown> => {
      const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken };
      const client = new IAMClient({ ...settings(aws.url), credentials });
      return client.send(new ListRolesCommand({}));
    };
    await expect(list(SessionToken)).resolves.toMatchObject({ IsTruncated: false });
    await expect(list('x')).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  });

  it('belong to their session only, while permanent keys are the account', async () => {
    expect(
      await whoAmI({
        AccessKeyId: 'test',
        SecretAccessKey: 'test',
        SessionToken: undefined,
        Expiration: undefined,
      }),
    ).toEqual({
      Account: '123456789012',
      Arn: 'arn:aws:iam::123456789012:root',
      UserId: '123456789012',
    });
  });
});

import {
  AttachRolePolicyCommand,
  CreateOpenIDConnectProviderCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  DeletePolicyCommand,
  DeleteRoleCommand,
  GetOpenIDConnectProviderCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListOpenIDConnectProvidersCommand,
  ListRolesCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateOpenIDConnectProviderThumbprintCommand,
} from '@aws-sdk/client-iam';
import type { CreateOpenIDConnectProviderRequest } from '@aws-sdk/client-iam';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startAws } from '../../demo/aws';
import type { EmbeddedAws } from '../../demo/aws';

/** What IAM refuses and emulators accept. */

const THUMBPRINT = '9e99a48a9960b14926bb7f3b02e22da2b0ab7280';
const URL_OF = 'https://oidc.circleci.com/org/11111111-2222-4333-8444-555555555555';

let aws: EmbeddedAws;
let iam: IAMClient;

beforeEach(async () => {
  aws = await startAws();
  const settings = {
    endpoint: aws.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  };
  iam = new IAMClient(settings);
});

afterEach(async () => {
  iam.destroy();
  await aws.close();
});

const refusal = (name: string, message: string, httpStatusCode = 400) => ({
  name,
  message,
  $metadata: { httpStatusCode },
});

const violation = (value: string, member: string, reason: string): string =>
  `1 validation error detected: Value ${value} at '${member}' failed to satisfy constraint: ${reason}`;

const EXACTLY_40 =
  'Member must satisfy constraint: [Member must have length less than or equal to 40, Member must have length greater than or equal to 40]';

describe('embedded IAM: CreateOpenIDConnectProvider refuses', () => {
  const long = `https://example.com/${'a'.repeat(236)}`;
  const colons = '9E:99:A4:8A:99:60:B1:49:26:BB:7F:3B:02:E2:2D:A2:B0:AB:72:80';
  const cases: [string, Partial<CreateOpenIDConnectProviderRequest>, ReturnType<typeof refusal>][] = [
    [
      'http',
      { Url: 'http://example.com' },
      refusal('ValidationError', 'Invalid Open ID Connect Provider URL'),
    ],
    ['no scheme', { Url: 'example.com' }, refusal('ValidationError', 'Invalid Open ID Connect Provider URL')],
    ['no host', { Url: 'https://' }, refusal('ValidationError', 'Invalid Open ID Connect Provider URL')],
    [
      'userinfo',
      { Url: 'https://me@example.com' },
      refusal('ValidationError', 'Invalid Open ID Connect Provider URL'),
    ],
    [
      'a query',
      { Url: 'https://example.com?a=b' },
      refusal('ValidationError', 'Invalid Open ID Connect Provider URL'),
    ],
    [
      '256 characters of URL',
      { Url: long },
      refusal(
        'ValidationError',
        violation(`'${long}'`, 'url', 'Member must have length less than or equal to 255'),
      ),
    ],
    [
      'an empty URL',
      { Url: '' },
      refusal(
        'ValidationError',
        violation("''", 'url', 'Member must have length greater than or equal to 1'),
      ),
    ],
    [
      'six thumbprints',
      { ThumbprintList: Array.from({ length: 6 }, () => THUMBPRINT) },
      refusal('InvalidInputException', 'Thumbprint list must contain fewer than 5 entries.'),
    ],
    [
      '39 characters of thumbprint',
      { ThumbprintList: [THUMBPRINT, THUMBPRINT.slice(1)] },
      refusal(
        'ValidationError',
        violation(`'[${THUMBPRINT}, ${THUMBPRINT.slice(1)}]'`, 'thumbprintList', EXACTLY_40),
      ),
    ],
    [
      'a thumbprint with colons',
      { ThumbprintList: [colons] },
      refusal('ValidationError', violation(`'[${colons}]'`, 'thumbprintList', EXACTLY_40)),
    ],
    [
      '101 audiences',
      { ClientIDList: Array.from({ length: 101 }, (_, index) => `client-${index}`) },
      refusal(
        'LimitExceededException',
        'Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100',
        409,
      ),
    ],
  ];

  it.each(cases)('%s', async (_, changed, expected) => {
    const request = { Url: URL_OF, ThumbprintList: [THUMBPRINT], ...changed };
    await expect(iam.send(new CreateOpenIDConnectProviderCommand(request))).rejects.toMatchObject(expected);
    const { OpenIDConnectProviderList } = await iam.send(new ListOpenIDConnectProvidersCommand({}));
    expect(OpenIDConnectProviderList).toEqual([]);
  });

  it('nothing within the limits', async () => {
    const url = `https://localhost:8443/${'a'.repeat(232)}`;
    const thumbprints = [
      'f'.repeat(40),
      THUMBPRINT.toUpperCase(),
      THUMBPRINT,
      'a'.repeat(40),
      'b'.repeat(40),
    ];
    const { OpenIDConnectProviderArn } = await iam.send(
      new CreateOpenIDConnectProviderCommand({ Url: url, ThumbprintList: thumbprints }),
    );
    const got = await iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
    expect(url).toHaveLength(255);
    expect(got).toMatchObject({ Url: url.slice('https://'.length), ThumbprintList: thumbprints });
  });
});

describe('embedded IAM: UpdateOpenIDConnectProviderThumbprint refuses', () => {
  const six = Array.from({ length: 6 }, () => THUMBPRINT);
  const cases: [string, string[] | undefined, ReturnType<typeof refusal>][] = [
    ['to six', six, refusal('InvalidInputException', 'Thumbprint list must contain fewer than 5 entries.')],
    [
      'to 41 characters',
      [`${THUMBPRINT}0`],
      refusal('ValidationError', violation(`'[${THUMBPRINT}0]'`, 'thumbprintList', EXACTLY_40)),
    ],
    [
      'to nothing said',
      undefined,
      refusal('ValidationError', violation('null', 'thumbprintList', 'Member must not be null')),
    ],
  ];

  it.each(cases)('%s, and keeps the list', async (_, ThumbprintList, expected) => {
    const { OpenIDConnectProviderArn } = await iam.send(
      new CreateOpenIDConnectProviderCommand({ Url: URL_OF, ThumbprintList: [THUMBPRINT] }),
    );
    const update = new UpdateOpenIDConnectProviderThumbprintCommand({
      OpenIDConnectProviderArn,
      ThumbprintList,
    });
    await expect(iam.send(update)).rejects.toMatchObject(expected);
    const got = await iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
    expect(got.ThumbprintList).toEqual([THUMBPRINT]);
  });

  it('what is not the ARN of a provider', async () => {
    const OpenIDConnectProviderArn = 'arn:aws:iam::123456789012:role/somebody';
    const get = iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
    await expect(get).rejects.toMatchObject(
      refusal('InvalidInputException', `Invalid ARN: ${OpenIDConnectProviderArn}`),
    );
  });

  it('nothing of an empty list, which is legal', async () => {
    const { OpenIDConnectProviderArn } = await iam.send(
      new CreateOpenIDConnectProviderCommand({ Url: URL_OF, ThumbprintList: [THUMBPRINT] }),
    );
    await iam.send(
      new UpdateOpenIDConnectProviderThumbprintCommand({ OpenIDConnectProviderArn, ThumbprintList: [] }),
    );
    const got = await iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
    expect(got.ThumbprintList).toEqual([]);
  });
});

describe('embedded IAM: roles refuse', () => {
  const AssumeRolePolicyDocument = '{"Version":"2012-10-17","Statement":[]}';

  it('a trust policy that is not JSON', async () => {
    const create = new CreateRoleCommand({ RoleName: 'x', AssumeRolePolicyDocument: '{"Version":' });
    await expect(iam.send(create)).rejects.toMatchObject(
      refusal('MalformedPolicyDocumentException', 'This policy contains invalid Json'),
    );
  });

  it('a trust policy of more than 2,048 characters, white space aside, made or replaced', async () => {
    const ofLength = (characters: number): string =>
      `{"Version":"2012-10-17","Id":${' '.repeat(500)}"${'x'.repeat(characters - 47)}","Statement":[]}`;
    const RoleName = 'long';
    const tooLong = refusal('LimitExceededException', 'Cannot exceed quota for ACLSizePerRole: 2048', 409);
    const create = (AssumeRolePolicyDocument: string): Promise<unknown> =>
      iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    await expect(create(ofLength(2_049))).rejects.toMatchObject(tooLong);
    await create(ofLength(2_048));
    const replace = new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: ofLength(2_049) });
    await expect(iam.send(replace)).rejects.toMatchObject(tooLong);
  });

  it('its deletion, and that of its policy, while the one is attached to the other', async () => {
    const RoleName = 'busy';
    const document = AssumeRolePolicyDocument;
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: 'push', PolicyDocument: document }),
    );
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: Policy?.Arn }));
    const conflict = { name: 'DeleteConflictException', $metadata: { httpStatusCode: 409 } };
    await expect(iam.send(new DeleteRoleCommand({ RoleName }))).rejects.toMatchObject(conflict);
    await expect(iam.send(new DeletePolicyCommand({ PolicyArn: Policy?.Arn }))).rejects.toMatchObject(
      conflict,
    );
  });

  it.each([3_599, 43_201])('credentials for %d seconds', async (MaxSessionDuration) => {
    const create = new CreateRoleCommand({ RoleName: 'x', AssumeRolePolicyDocument, MaxSessionDuration });
    await expect(iam.send(create)).rejects.toMatchObject({ name: 'ValidationError' });
  });

  it('a name with a slash', async () => {
    const create = new CreateRoleCommand({ RoleName: 'a/b', AssumeRolePolicyDocument });
    await expect(iam.send(create)).rejects.toMatchObject({
      name: 'ValidationError',
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('pages of more than 1,000', async () => {
    await expect(iam.send(new ListRolesCommand({ MaxItems: 1_001 }))).rejects.toMatchObject({
      name: 'ValidationError',
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('nothing of a managed policy, attached twice', async () => {
    const RoleName = 'admin';
    const PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
    const { AttachedPolicies } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
    expect(AttachedPolicies).toEqual([{ PolicyName: 'AdministratorAccess', PolicyArn }]);
  });
});

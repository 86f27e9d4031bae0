/** Roles that trust an issuer that AWS itself trusts, without a provider of the account. */
import { describe, expect, it } from '@jest/globals';
import { principalOf, trustFindings } from '../../support/trust-findings';

const COGNITO = 'cognito-identity.amazonaws.com';
const POOL = 'eu-west-1:0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608';
const findingsOf = async (
  issuer: string,
  condition: object | undefined,
  audiences: readonly string[] = [],
): Promise<readonly string[]> => {
  const found = await trustFindings({
    issuer,
    audiences,
    role: 'app',
    attached: [],
    trustPolicy: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Federated: principalOf(issuer) },
          Action: 'sts:AssumeRoleWithWebIdentity',
          ...(condition === undefined ? {} : { Condition: condition }),
        },
      ],
    },
  });
  return found.map(({ check, severity }) => `${check} ${severity}`);
};
const ofCognito = (condition: object | undefined): Promise<readonly string[]> =>
  findingsOf(`https://${COGNITO}`, condition);
const amr = (value: string): object => ({ 'ForAnyValue:StringLike': { [`${COGNITO}:amr`]: value } });

describe('a role that trusts Amazon Cognito', () => {
  it.each([
    ['has no condition', undefined],
    ['names only how users log in', amr('unauthenticated')],
    ['accepts every identity pool', { StringLike: { [`${COGNITO}:aud`]: '*' }, ...amr('authenticated') }],
  ])('is not evaluated if it %s', async (_, condition) => {
    expect(await ofCognito(condition)).toContain('TRUST001 medium');
  });

  it('is closed if it names its identity pool, as Cognito creates it', async () => {
    const named = { StringEquals: { [`${COGNITO}:aud`]: POOL } };
    expect(await ofCognito({ ...named, ...amr('authenticated') })).toEqual([]);
    expect(await ofCognito(named)).toEqual([]);
  });
});

describe('a placeholder in a condition key', () => {
  it('is TRUST007, also without a dot', async () => {
    const issuer = 'https://oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF';
    const condition = { StringEquals: { '<OIDC_PROVIDER>:sub': 'system:serviceaccount:prod:app' } };
    expect(await findingsOf(issuer, condition, ['sts.amazonaws.com'])).toContain('TRUST007 high');
  });
});

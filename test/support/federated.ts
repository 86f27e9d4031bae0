/** A provider and its roles as IAM has them after the deployment of a synthesized stack. */
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as v from 'valibot';
import type { Role } from '../../lambda/domain/types';

const ACCOUNT = 'arn:aws:iam::123456789012:';

const PROVIDER = v.object({
  Properties: v.strictObject({
    Url: v.string(),
    ClientIdList: v.array(v.string()),
    ThumbprintList: v.optional(v.array(v.string())),
  }),
});
const ROLE = v.object({
  Properties: v.looseObject({
    RoleName: v.optional(v.string(), 'ci'),
    AssumeRolePolicyDocument: v.unknown(),
  }),
});

/** The resources of a stack. */
export interface Federated {
  /** With references to an own provider replaced by its ARN. */
  readonly roles: readonly Role[];
  readonly provider: {
    readonly issuer: string;
    readonly arn: string;
    readonly audiences: readonly string[];
  } | null;
}

/** Deploys a stack without AWS. */
export function federated(stack: Stack): Federated {
  const template = Template.fromStack(stack);
  const [own] = Object.entries(template.findResources('AWS::IAM::OIDCProvider')).map(([id, resource]) => {
    const { Url, ClientIdList } = v.parse(PROVIDER, resource).Properties;
    return {
      id,
      issuer: Url,
      arn: `${ACCOUNT}oidc-provider/${Url.slice('https://'.length)}`,
      audiences: ClientIdList,
    };
  });
  const roles = Object.values(template.findResources('AWS::IAM::Role')).map((resource) => {
    const { RoleName: name, AssumeRolePolicyDocument } = v.parse(ROLE, resource).Properties;
    const policy = JSON.stringify(AssumeRolePolicyDocument);
    const known = own === undefined ? policy : policy.replaceAll(`{"Ref":"${own.id}"}`, `"${own.arn}"`);
    return { arn: `${ACCOUNT}role/${name}`, name, trustPolicy: known };
  });
  return { roles, provider: own ?? null };
}

/** An account that accepts a login: a provider, and a role that trusts it as it should. */
import { CreateOpenIDConnectProviderCommand, CreateRoleCommand } from '@aws-sdk/client-iam';
import type { IAMClient } from '@aws-sdk/client-iam';
import { allow, narrow, policyOf } from './roles';

/** The input for a provider. */
export interface Listing {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly thumbprints: readonly string[];
}

/** Creates the provider, and a role of its own for it. Gives the provider's ARN. */
export async function letIn(iam: IAMClient, listing: Listing): Promise<string> {
  const arn = await createProvider(iam, listing);
  await iam.send(
    new CreateRoleCommand({
      RoleName: `ci-${arn.slice(-36, -28)}`,
      AssumeRolePolicyDocument: policyOf(allow(arn, narrow(arn))),
    }),
  );
  return arn;
}

/** Creates a provider alone. Gives its ARN. */
export async function createProvider(
  iam: IAMClient,
  { issuer, audiences, thumbprints }: Listing,
): Promise<string> {
  const { OpenIDConnectProviderArn = '' } = await iam.send(
    new CreateOpenIDConnectProviderCommand({
      Url: issuer,
      ThumbprintList: [...thumbprints],
      ClientIDList: [...audiences],
    }),
  );
  return OpenIDConnectProviderArn;
}

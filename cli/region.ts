/** The AWS region as the AWS CLI takes it from the environment. */
import type { Shell } from './shell';

/**
 * AWS_DEFAULT_REGION, if AWS_REGION is not set: the AWS CLI reads it, and the SDK for JavaScript does not. Otherwise
 * nothing, and the SDK looks for itself: AWS_REGION, the profile, the instance.
 */
export function namedRegion({ environment }: Pick<Shell, 'environment'>): { readonly region?: string } {
  const { AWS_REGION = '', AWS_DEFAULT_REGION = '' } = environment;
  return AWS_REGION !== '' || AWS_DEFAULT_REGION === '' ? {} : { region: AWS_DEFAULT_REGION };
}

/** The region in the ARN of a function; null: it is a name. */
export const regionOfFunction = (functionName: string): string | null =>
  /^arn:[a-z0-9-]+:lambda:([a-z0-9-]+):/.exec(functionName)?.[1] ?? null;

/** The region of a function: its ARN names one, whatever the environment says. */
export function regionFor(
  functionName: string,
  shell: Pick<Shell, 'environment'>,
): { readonly region?: string } {
  const region = regionOfFunction(functionName);
  return region === null ? namedRegion(shell) : { region };
}

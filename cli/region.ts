/** The AWS region, where the SDK knows none. */
import type { Shell } from './shell';

/** Whether a client of the SDK finds a region by itself: AWS_REGION, or that of the profile. */
export const hasRegion = (client: {
  readonly config: { readonly region: () => Promise<string> };
}): Promise<boolean> =>
  client.config.region().then(
    () => true,
    () => false,
  );

/** What the AWS CLI reads, and the SDK for JavaScript does not. Null: nobody has set it. */
export function defaultRegion({ environment }: Pick<Shell, 'environment'>): string | null {
  const region = environment['AWS_DEFAULT_REGION'] ?? '';
  return region === '' ? null : region;
}

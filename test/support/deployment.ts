/** The bundle that is deployed, run as Lambda runs it, against an emulated account. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Identity } from '../../demo/authority';
import { startFunction } from '../../demo/function';
import type { LocalFunction } from '../../demo/function';
import { withPublicRoots } from '../../demo/public-roots';
import { buildFunction } from '../../infra/build/build';

/** The environment of the deployed function. */
export interface DeploymentOptions {
  readonly endpoint: string;
  readonly config: unknown;
  /** Certificate authorities in the role of public ones. */
  readonly publicRoots: readonly Identity[];
  readonly node?: string;
  /** Beside what every deployment has. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A folder with a fresh build, to be removed at the end. */
export interface Build {
  readonly deploy: (options: DeploymentOptions) => Promise<LocalFunction>;
  readonly remove: () => void;
}

/** Builds once for a test file. */
export function build(): Build {
  const folder = mkdtempSync(join(tmpdir(), 'thumbprint-test-'));
  const { entry } = buildFunction({ outdir: join(folder, 'function') });
  let roots = 0;
  return {
    deploy: ({ endpoint, config, publicRoots, node, environment = {} }) => {
      roots += 1;
      const file = join(folder, `roots-${roots}.pem`);
      writeFileSync(file, publicRoots.map(({ pem }) => pem).join('\n'));
      return startFunction({
        bundle: entry,
        ...(node === undefined ? {} : { node }),
        environment: {
          AWS_REGION: 'eu-west-1',
          AWS_ACCESS_KEY_ID: 'test',
          AWS_SECRET_ACCESS_KEY: 'test',
          AWS_ENDPOINT_URL: endpoint,
          ...environment,
          ...withPublicRoots(file, environment['NODE_OPTIONS']),
          MONITOR_CONFIG: typeof config === 'string' ? config : JSON.stringify(config),
        },
      });
    },
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

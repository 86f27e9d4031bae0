/** The function's code, with the part of the configuration that its environment cannot hold. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aws_lambda as lambda } from 'aws-cdk-lib';
import { CONFIG_FILE_KEY } from '../../lambda/config/config-file';
import { ConfigError } from '../../lambda/domain/errors';
import { functionFolder } from '../build/bundle';

/**
 * An environment holds 4,096 bytes, names included: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 * The rest is for three ARNs, of up to 330 characters each, and for variables that operators add.
 */
const MAX_BYTES = 2_500;
const FILE = 'config.json';

/** Code and configuration as the function receives them. */
export interface Package {
  readonly code: lambda.Code;
  /** The value of MONITOR_CONFIG without the ARNs. */
  readonly environment: Readonly<Record<string, unknown>>;
  /** Call it when the function has been made: the CDK has copied the code by then. */
  readonly dispose: () => void;
}

/** Puts the settings where they fit. Throws ConfigError if they need a file and the code is not ours to add one. */
export function packageOf(settings: Readonly<Record<string, unknown>>, code?: lambda.Code): Package {
  const text = JSON.stringify(settings);
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_BYTES) {
    const own = code ?? lambda.Code.fromAsset(functionFolder());
    return { code: own, environment: settings, dispose: () => undefined };
  }
  if (code !== undefined) {
    throw new ConfigError(
      `code: the configuration has ${bytes} bytes, but only ${MAX_BYTES} fit into the environment of the function. Remove code, so that the configuration can be packaged as a file, or shorten the configuration.`,
    );
  }
  const folder = mkdtempSync(join(tmpdir(), 'thumbprint-function-'));
  cpSync(functionFolder(), folder, { recursive: true });
  writeFileSync(join(folder, FILE), text);
  return {
    code: lambda.Code.fromAsset(folder),
    environment: { [CONFIG_FILE_KEY]: FILE },
    dispose: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

/** Lines of README and docs/, and what they must do. */
import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment, Finished } from '../command-line';
import { run } from '../shell';
import type { ReadmeAccount } from './account';

/** The checkout. */
export const ROOT = join(__dirname, '..', '..', '..');

/** Lines that are shown, and their test, which gets them in the same order with the capitals filled in. */
export interface Example {
  readonly lines: readonly string[];
  readonly test: (account: ReadmeAccount, ...filled: string[]) => Promise<void>;
  /** Whether the tools that it needs are on this machine. @default true */
  readonly runs?: boolean;
}

/** An org that is in sync. */
export const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
/** A project of it. */
export const PROJECT = '5d0e3c7a-9b14-4f2e-8c61-7a3f0b9e2d58';
/** An org that has no provider. */
export const MISSING = '3f6c1d27-90ab-4e5d-8c7f-6a5b4c3d2e1f';
/** An org that gets one. */
export const NEW = '0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608';
/** CircleCI's, up to the org. */
export const PROVIDERS = 'arn:aws:iam::123456789012:oidc-provider/oidc.circleci.com/org/';
/** Of the deployed function. */
export const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:Alerts';

const VALUES: Readonly<Record<string, string>> = {
  ORG_ID: ORG,
  PROJECT_ID: PROJECT,
  NAME: 'Monitor',
  TOPIC,
  TOKEN: 'token-of-the-mail',
  ID: MISSING,
  URL: `https://ci.example.com:8443/org/${ORG}`,
  ORG: NEW,
  ARN: `${PROVIDERS}${NEW}`,
  ACCOUNT: '123456789012',
  BUCKET: 'bucket',
  REGION: 'eu-west-1',
  TABLE: 'state',
};

/** A line as its reader would type it. */
export const fillIn = (line: string): string =>
  line.replaceAll(/\b[A-Z_]+\b/g, (capitals) => VALUES[capitals] ?? capitals);

/** Runs a line as a shell does, by default in the checkout. */
export const bash = (line: string, environment: Environment, folder = ROOT): Promise<Finished> =>
  run('bash', ['-c', line], { environment, folder });

/** Copies what building and synthesizing need, so that no test writes into the checkout. */
export function copyCheckout(folder: string): void {
  for (const name of ['cdk.json', 'package.json', 'tsconfig.json', 'infra', 'lambda', 'cli'])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
}

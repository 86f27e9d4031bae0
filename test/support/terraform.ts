/** Terraform with its aws provider from a local mirror: on few machines, and never from the internet. */
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finished } from './command-line';
import { run } from './shell';
import { isOnPath } from './tools';

const MIRRORS = [
  process.env['TF_PLUGIN_MIRROR'],
  '/opt/tf-plugins',
  join(homedir(), '.terraform.d', 'plugins'),
  '/usr/share/terraform/plugins',
];

const mirror: string | undefined = MIRRORS.find(
  (folder) => folder !== undefined && existsSync(join(folder, 'registry.terraform.io', 'hashicorp', 'aws')),
);

/** Whether both are there. If they are not, a line on stderr says that their tests are skipped. */
export const terraformIsThere: boolean = findTerraform();

function findTerraform(): boolean {
  const there = isOnPath('terraform');
  if (there && mirror !== undefined) return true;
  const missing = there
    ? 'TF_PLUGIN_MIRROR names no mirror of hashicorp/aws'
    : 'terraform is not on the PATH';
  process.stderr.write(`SKIPPED: tests of the Terraform example: ${missing}.\n`);
  return false;
}

/** A copy of a configuration, with a state of its own. */
export interface Workspace {
  readonly folder: string;
  readonly terraform: (...args: readonly string[]) => Promise<Finished>;
  readonly remove: () => void;
}

/** Copies a folder of configuration. `variables` become `terraform.tfvars.json`. */
export function workspace(source: string, endpoint: string, variables: object): Workspace {
  const folder = mkdtempSync(join(tmpdir(), 'thumbprint-terraform-'));
  cpSync(source, folder, { recursive: true });
  writeFileSync(join(folder, 'terraform.tfvars.json'), JSON.stringify(variables));
  const config = join(folder, 'mirror.tfrc');
  writeFileSync(
    config,
    `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror ?? '')}\n  }\n}\n`,
  );
  const environment = {
    HOME: folder,
    TF_CLI_CONFIG_FILE: config,
    TF_IN_AUTOMATION: 'true',
    CHECKPOINT_DISABLE: 'true',
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  return {
    folder,
    terraform: (...args) => run('terraform', args, { environment, folder }),
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

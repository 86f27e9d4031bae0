/** The CDK app: reads the configuration, builds the function, makes the stacks. */
import { Annotations, App } from 'aws-cdk-lib';
import { ConfigError } from '../lambda/domain/errors';
import { buildFunction } from './build/build';
import { readConfiguration } from './configuration/configuration';
import { FederationStack } from './federation/federation-stack';
import { MonitorStack } from './monitor/monitor-stack';

/**
 * Synthesizes the app. `folder`: of monitor.config.json. Throws ConfigError for a wrong configuration, naming
 * every problem of both stacks.
 */
export function synthesize(app: App, folder = process.cwd()): void {
  const { monitor, federation, fileName, recipientsDecided } = readConfiguration(contextOf(app), folder);
  buildFunction();
  const stack = new MonitorStack(app, 'ThumbprintDriftMonitor', monitor);
  // An annotation of this stack alone, so that CircleCiFederation can be deployed without recipients.
  if (!recipientsDecided) Annotations.of(stack).addError(noRecipients(fileName));
  // Only if a key asks for it: with one stack, `cdk deploy` needs no name.
  if (federation) new FederationStack(app, 'CircleCiFederation', federation);
  app.synth();
}

const noRecipients = (fileName: string): string =>
  `No recipient is configured: nobody would receive alerts, and the deployment would delete an existing e-mail subscription. Set email, topicArn or chat in ${fileName} (see monitor.config.example.json), or pass -c email=you@example.com. If the monitor is already deployed, this command writes the file from the deployed stack: npx tsx cli/main.ts doctor FUNCTION_NAME --write-config. To deploy without recipients, add -c recipients=none.`;

const contextOf = (app: App): Readonly<Record<string, unknown>> => {
  const context: unknown = app.node.getAllContext();
  return typeof context === 'object' && context !== null ? Object.fromEntries(Object.entries(context)) : {};
};

if (require.main === module) {
  try {
    synthesize(new App());
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`The configuration is wrong:\n${error.message}\n`);
    process.exitCode = 1;
  }
}

/** The CDK app: reads the context, builds the function, makes the stacks. */
import { App } from 'aws-cdk-lib';
import { ConfigError } from '../lambda/core/errors';
import { buildFunction } from './build';
import { propsFromContext } from './context';
import { federationFromContext } from './federation-context';
import { FederationStack } from './federation-stack';
import { MonitorStack } from './monitor-stack';

/** Synthesizes the app. Throws ConfigError for a wrong context, naming every problem of both stacks. */
export function synthesize(app: App): void {
  const context = contextOf(app);
  const problems: string[] = [];
  const monitor = collecting(problems, () => propsFromContext(context));
  const federation = collecting(problems, () => federationFromContext(context));
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  buildFunction();
  new MonitorStack(app, 'ThumbprintDriftMonitor', monitor ?? {});
  // Only where it is asked for: with one stack, `cdk deploy` needs no name.
  if (federation) new FederationStack(app, 'CircleCiFederation', federation);
  app.synth();
}

function collecting<T>(problems: string[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(error.message);
    return undefined;
  }
}

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

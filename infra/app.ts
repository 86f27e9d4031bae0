/** The CDK app: reads the context, builds the function, makes the stack. */
import { App } from 'aws-cdk-lib';
import { ConfigError } from '../lambda/core/errors';
import { buildFunction } from './build';
import { propsFromContext } from './context';
import { MonitorStack } from './monitor-stack';

/** Synthesizes the app. Throws ConfigError for a wrong context. */
export function synthesize(app: App): void {
  const props = propsFromContext(contextOf(app));
  buildFunction();
  new MonitorStack(app, 'ThumbprintDriftMonitor', props);
  app.synth();
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

/**
 * Runs a function's bundle as Lambda does: imports the handler once, then serves one invocation after the other.
 * Plain JavaScript, so that any Node runs it as it is. The parent process speaks to it over IPC:
 * in: { id, event, deadline, arn, name, at }; out: { id, payload } or { id, error: { errorType, errorMessage } }.
 * `event` and `payload` are JSON texts, as Lambda carries them.
 */
import { Console } from 'node:console';
import dns from 'node:dns/promises';
import { syncBuiltinESMExports } from 'node:module';
import { pathToFileURL } from 'node:url';

// As in Lambda, the whole log is one stream, in the order in which it was written.
globalThis.console = new Console(process.stdout, process.stdout);

// Replaces a hosts file: names that only this process knows. Everything else goes to the system's resolver.
const hosts = JSON.parse(process.env.LOCAL_HOSTS ?? '{}');
const { lookup } = dns;
dns.lookup = async (name, options) => {
  const addresses = Object.hasOwn(hosts, name) ? hosts[name] : undefined;
  if (addresses === undefined) return lookup(name, options);
  return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
};
syncBuiltinESMExports();

// Replaces the clock if an invocation takes place at another time. Timers use the real one.
const RealDate = Date;
let shift = 0;
globalThis.Date = class extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(RealDate.now() + shift);
    else super(...parts);
  }

  static now() {
    return RealDate.now() + shift;
  }
};

const describe = (error) =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message }
    : { errorType: typeof error, errorMessage: String(error) };

const contextOf = ({ id, deadline, arn, name }) => ({
  awsRequestId: id,
  callbackWaitsForEmptyEventLoop: true,
  functionName: name,
  functionVersion: '$LATEST',
  invokedFunctionArn: arn,
  logGroupName: `/aws/lambda/${name}`,
  logStreamName: 'local',
  memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  getRemainingTimeInMillis: () => Math.max(0, deadline - RealDate.now()),
});

async function load(file) {
  const bundle = await import(pathToFileURL(file).href);
  return bundle.handler ?? bundle.default.handler;
}

async function invoke(handler, request) {
  shift = request.at === null ? 0 : RealDate.parse(request.at) - RealDate.now();
  console.log(`START RequestId: ${request.id}`);
  try {
    const result = await (await handler)(JSON.parse(request.event), contextOf(request));
    return { payload: JSON.stringify(result) ?? 'null' };
  } catch (error) {
    console.error('ERROR', error);
    return { error: describe(error) };
  } finally {
    console.log(`END RequestId: ${request.id}`);
  }
}

const handler = load(process.argv[2]);
// A bundle that cannot be loaded is an error of the invocation, not of the process.
handler.catch(() => undefined);

process.on('message', async (request) =>
  process.send({ id: request.id, ...(await invoke(handler, request)) }),
);
process.on('disconnect', () => process.exit());

/**
 * Runs between the runtime and the function that is measured, in its process. BENCH_BUNDLE is the function's file.
 * Plain JavaScript, so that any Node runs it as it is. `{ "bench": "usage" }` asks what the process has used so far.
 */
import { pathToFileURL } from 'node:url';

const bundle = await import(pathToFileURL(process.env.BENCH_BUNDLE).href);
const measured = bundle.handler ?? bundle.default.handler;

export async function handler(event, context) {
  if (event?.bench === 'usage') {
    const { user, system } = process.cpuUsage();
    return { memoryMb: process.resourceUsage().maxRSS / 1024, cpuMs: (user + system) / 1000 };
  }
  const began = performance.now();
  const report = await measured(event, context);
  return { handlerMs: performance.now() - began, report };
}

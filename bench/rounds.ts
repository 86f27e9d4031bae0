/** Contenders take turns, so that a machine that is busy for a while is busy for all of them. */
import type { Run } from './measure';
import { median } from './statistics';

/** A contender with a number of orgs. */
export interface Task {
  readonly contender: string;
  readonly orgs: number;
  readonly times: number;
  readonly run: () => Promise<Run>;
}

/** Medians over the runs of one task, as in Run. NaN: not measured. */
export interface Result {
  readonly contender: string;
  readonly orgs: number;
  readonly runs: number;
  readonly processMs: number;
  readonly firstMs: number;
  readonly warmMs: number;
  readonly cpuMs: number;
  readonly memoryMb: number;
  /** Documents and calls to AWS; the state table is not counted. */
  readonly requests: number;
  readonly handshakes: number;
  /** Handshakes of connections that carried no document. */
  readonly probes: number;
  /** Calls of GetOpenIDConnectProvider. */
  readonly gets: number;
}

/** Each task once a round, until it has run as often as it should. */
export async function inRounds(tasks: readonly Task[]): Promise<readonly Result[]> {
  const entries = tasks.map((task) => ({ task, runs: new Array<Run>() }));
  const rounds = Math.max(...tasks.map(({ times }) => times));
  for (let round = 1; round <= rounds; round += 1) {
    for (const { task, runs } of entries.filter((entry) => round <= entry.task.times)) {
      process.stderr.write(`round ${round} of ${rounds}: ${task.contender}, ${task.orgs} orgs\n`);
      runs.push(await task.run());
    }
  }
  return entries.map(({ task, runs }) => summarize(task.contender, task.orgs, runs));
}

/** The result of a contender; all NaN if it did not run. */
export const resultOf = (results: readonly Result[], contender: string, orgs: number): Result =>
  results.find((each) => each.contender === contender && each.orgs === orgs) ??
  summarize(contender, orgs, []);

function summarize(contender: string, orgs: number, runs: readonly Run[]): Result {
  const middle = (of: (run: Run) => number | undefined): number =>
    median(runs.flatMap((run) => of(run) ?? []));
  return {
    contender,
    orgs,
    runs: runs.length,
    processMs: middle(({ processMs }) => processMs),
    firstMs: middle(({ firstMs }) => firstMs),
    warmMs: middle(({ warmMs }) => warmMs),
    cpuMs: middle(({ cpuMs }) => cpuMs),
    memoryMb: middle(({ memoryMb }) => memoryMb),
    requests: middle(({ counted }) => counted && counted.documents + counted.actions.length),
    handshakes: middle(({ counted }) => counted?.handshakes),
    probes: middle(({ counted }) => counted && counted.handshakes - counted.connections),
    gets: middle(
      ({ counted }) => counted?.actions.filter((action) => action === 'GetOpenIDConnectProvider').length,
    ),
  };
}

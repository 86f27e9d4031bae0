/** A Node that gets as much processor and memory as Lambda gives: by control groups of Linux, which need root. */
import { chmodSync, existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from './measure';

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html: at 1,769 MB a function has one processor. */
const MB_OF_A_PROCESSOR = 1_769;
const PERIOD_US = 100_000;
const ROOT = '/sys/fs/cgroup';

/** A Node inside a group. */
export interface Confined {
  readonly node: string;
  /** Removes the group; every process in it must have ended. */
  readonly release: () => void;
}

/** The settings of a group, in files of its folders. */
type Settings = readonly (readonly [folder: string, file: string, value: string])[];

/** Null if there are no control groups, or if this process may not make one. */
export function confine(
  { folder, node }: Pick<Place, 'folder' | 'node'>,
  megabytes: number,
): Confined | null {
  const name = `thumbprint-bench-${process.pid}-${megabytes}`;
  const settings = existsSync(join(ROOT, 'cgroup.controllers'))
    ? secondVersion(name, megabytes)
    : firstVersion(name, megabytes);
  const folders = [...new Set(settings.map(([each]) => each))];
  const release = (): void => {
    for (const each of folders) if (existsSync(each)) rmdirSync(each);
  };
  try {
    for (const each of folders) mkdirSync(each);
    for (const [each, file, value] of settings) writeFileSync(join(each, file), value);
  } catch {
    release();
    return null;
  }
  const file = join(folder, `node-${megabytes}`);
  const enter = folders.map((each) => `echo $$ > '${join(each, 'cgroup.procs')}'`);
  writeFileSync(file, ['#!/bin/sh', 'set -e', ...enter, `exec '${node}' "$@"`, ''].join('\n'));
  chmodSync(file, 0o755);
  return { node: file, release };
}

const quota = (megabytes: number): number => Math.round((PERIOD_US * megabytes) / MB_OF_A_PROCESSOR);

function firstVersion(name: string, megabytes: number): Settings {
  const [cpu, memory] = [join(ROOT, 'cpu', name), join(ROOT, 'memory', name)];
  return [
    [cpu, 'cpu.cfs_period_us', String(PERIOD_US)],
    [cpu, 'cpu.cfs_quota_us', String(quota(megabytes))],
    [memory, 'memory.limit_in_bytes', `${megabytes}M`],
  ];
}

function secondVersion(name: string, megabytes: number): Settings {
  const group = join(ROOT, name);
  return [
    [group, 'cpu.max', `${quota(megabytes)} ${PERIOD_US}`],
    [group, 'memory.max', `${megabytes}M`],
    [group, 'memory.swap.max', '0'],
  ];
}

/** The demo from its first line to its last, with the function in a process of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { painter } from '../../cli/colour';
import { newScreen } from '../../demo/screen';
import { withStage } from '../../demo/stage';
import type { StageOptions } from '../../demo/stage';
import { INTRODUCTION, playStory } from '../../demo/story';
import type { StoryEvent } from '../../demo/story';

jest.setTimeout(120_000);

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'demo-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function play(options: StageOptions = {}): Promise<readonly StoryEvent[]> {
  const events: StoryEvent[] = [INTRODUCTION];
  await withStage(
    async (stage) => {
      for await (const event of playStory(stage)) events.push(event);
    },
    { outdir: join(folder, 'function'), ...options },
  );
  return events;
}

/** Logins and mails in their order. */
const outcomes = (events: readonly StoryEvent[]): readonly string[] =>
  events.flatMap((event) => {
    if (event.kind === 'login') return [event.login.works ? 'login works' : 'login FAILED'];
    if (event.kind !== 'mail' || event.mail === null) return [];
    return event.mail.eventTypes.filter((type) => type.startsWith('drift.'));
  });

/** In one step: the alert, the refused login, the fix, and the recovery. */
const FROM_FAILURE = ['drift.firing', 'login FAILED', 'login works', 'drift.resolved', 'login works'];

describe('the demo', () => {
  let events: readonly StoryEvent[];

  beforeAll(async () => {
    events = await play();
  });

  it('ends as expected', () => {
    expect(events.filter(({ kind }) => kind === 'unexpected')).toEqual([]);
    expect(events.at(-1)).toEqual({ kind: 'end', asExpected: true });
  });

  it('alerts the drift before a login fails, and again as soon as it fails', () => {
    const before = ['login works', 'login works', 'drift.firing', 'login works'];
    expect(outcomes(events)).toEqual([...before, 'drift.reminder', 'login works', ...FROM_FAILURE]);
  });

  it('is at most 80 columns wide, except for commands', () => {
    const screen = newScreen(painter(false));
    const commands = events
      .flatMap((event) => (event.kind === 'fix' ? event.steps : []))
      .flatMap(({ command }) => command?.split('\n') ?? [])
      .map((line) => line.trim());
    const lines = events.flatMap((event) => screen(event));
    expect(commands.filter((command) => !lines.some((line) => line.trim() === command))).toEqual([]);
    expect(lines.filter((line) => line.length > 80 && !commands.includes(line.trim()))).toEqual([]);
  });
});

describe('the demo on a computer with one address', () => {
  it('alerts the drift as soon as a login fails', async () => {
    const events = await play({ secondAddresses: [] });
    expect(events.filter(({ kind }) => kind === 'unexpected')).toEqual([]);
    expect(outcomes(events)).toEqual(['login works', ...FROM_FAILURE]);
  });
});

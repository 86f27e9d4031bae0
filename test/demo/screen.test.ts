import { describe, expect, it } from '@jest/globals';
import { painter } from '../../cli/colour';
import { newScreen } from '../../demo/screen';
import { INTRODUCTION } from '../../demo/story';
import type { Mail, StoryEvent } from '../../demo/story';

const plain = newScreen(painter(false));

const mail = (changed: Partial<Mail>): StoryEvent => ({
  kind: 'mail',
  mail: { to: 'you@example.com', eventTypes: ['drift.firing'], subject: 's', body: 'b', ...changed },
});

/** Of a mail, the lines in the frame. */
const framed = (event: StoryEvent): readonly string[] =>
  plain(event)
    .filter((line) => line.startsWith('|'))
    .map((line) => line.slice(2));

const LONG = 'certificate '.repeat(30).trim();

describe('the screen of the demo', () => {
  it.each<[string, StoryEvent]>([
    ['the introduction', INTRODUCTION],
    ['an explanation', { kind: 'step', at: new Date(0), title: 'A', explanation: LONG }],
    ['runs', { kind: 'run', runs: 1000, inSync: 1000, drifted: 1000 }],
    [
      'a finding',
      { kind: 'finding', finding: { check: 'THUMB001', severity: 'critical', message: LONG, remedy: '' } },
    ],
    ['the longest subject', mail({ subject: 'abcd '.repeat(20).trim() })],
    ['a long name in a mail', mail({ body: `Roles: arn:aws:iam::123456789012:role/${'r'.repeat(64)}` })],
    ['a refused login', { kind: 'login', login: { works: false, reason: LONG } }],
    ['the sentence of a fix', { kind: 'fix', steps: [{ prose: LONG, command: 'x' }] }],
    ['an unexpected result', { kind: 'unexpected', message: LONG }],
    ['the end', { kind: 'end', asExpected: true }],
  ])('shows %s in 80 columns', (_, event) => {
    const widths = plain(event).map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(80);
  });

  it('shows each command unbroken under its own sentence, and a common sentence once', () => {
    const commands = ['aws a \\\n  --list x', 'aws b', 'aws c'];
    const steps = commands.map((command, index) => ({ prose: index < 2 ? 'One:' : 'Two:', command }));
    const lines = plain({ kind: 'fix', steps })
      .map((line) => line.trim())
      .filter((line) => line !== '');
    expect(lines).toEqual(['One:', 'aws a \\', '--list x', 'aws b', 'Two:', 'aws c']);
  });

  it('shows the lines of a mail before its first heading, and how many follow', () => {
    const body = 'What.\nLogins fail.\n\nWho.\n\nWHAT TO DO\n\nRun:\n\n  aws x\n';
    expect(framed(mail({ subject: 'One', body }))).toEqual([
      'Subject: One',
      '',
      'What.',
      'Logins fail.',
      '',
      'Who.',
      '',
      '(and 3 more lines)',
    ]);
  });

  it('shows a short mail completely', () => {
    expect(framed(mail({ subject: 'One', body: 'What.\n' }))).toEqual(['Subject: One', '', 'What.']);
  });

  it('shows at most eight lines of a mail without a heading', () => {
    const body = Array.from({ length: 20 }, (_, index) => `Line ${index + 1}.`).join('\n');
    expect(framed(mail({ body })).slice(2)).toEqual([
      ...body.split('\n').slice(0, 8),
      '',
      '(and 12 more lines)',
    ]);
  });

  it('shows a refused login as failed, in red if there are colours', () => {
    const event: StoryEvent = { kind: 'login', login: { works: false, reason: 'No.' } };
    expect(plain(event)).toEqual(['   CI job    login FAILED: No.']);
    const paint = painter(true);
    expect(newScreen(paint)(event)).toEqual([`   CI job    ${paint('login FAILED: No.', 'critical')}`]);
  });

  it('counts the steps', () => {
    const screen = newScreen(painter(false));
    const step: StoryEvent = { kind: 'step', at: new Date(0), title: 'A', explanation: 'B.' };
    expect([screen(step)[1], screen(step)[1]]).toEqual(['1. A', '2. A']);
  });
});

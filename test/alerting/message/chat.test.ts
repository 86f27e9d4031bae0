import { describe, expect, it } from '@jest/globals';
import { composeChat } from '../../../lambda/alerting/message/chat';
import type { Account } from '../../../lambda/alerting/message/outcome';
import { NO_LOGIN_AFFECTED } from '../../../lambda/domain/logins';
import type { Notification } from '../../../lambda/domain/notification';
import { drifted, finding, inSync, issuerOf } from '../../support/reports';
import { told } from '../../support/told';
import type { ChatMessage } from '../../../lambda/domain/message';

const ACCOUNT = { id: '123456789012', name: 'prod' };
const WHERE = '(account prod 123456789012)';

/** A finding with these words. */
const saying = (message: string, changes: Partial<Notification> = {}): Notification =>
  told('finding.firing', {
    severity: 'high',
    target: inSync('a'),
    findings: [finding('CERT001', 'high', message, 'Renew it.\naws x')],
    ...changes,
  });

function only(notification: Notification): ChatMessage {
  const [message] = composeChat([notification], ACCOUNT);
  if (message === undefined) throw new TypeError('no message');
  return message;
}

const threadOf = (notification: Notification, account: Account = ACCOUNT): string | undefined =>
  composeChat([notification], account)[0]?.metadata.threadId;

describe('composeChat', () => {
  it('writes the schema of Amazon Q Developer in chat applications', () => {
    const [message, ...others] = composeChat([told('drift.firing')], ACCOUNT);
    expect(others).toEqual([]);
    expect(message).toMatchObject({
      version: '1.0',
      source: 'custom',
      content: {
        textType: 'client-markdown',
        title: `[low] Outdated thumbprints, no login affected: oidc.circleci.com ${WHERE}`,
        nextSteps: ['Add the new thumbprints (existing entries stay) (the mail has the command).'],
      },
      metadata: { eventType: 'drift.firing', relatedResources: [drifted('a').providerArn] },
    });
    expect(message?.content.description.split('\n')[0]).toBe(NO_LOGIN_AFFECTED);
  });

  it('puts alert, reminder and resolution of one kind at one host into one thread', () => {
    const threads = (['drift.firing', 'drift.reminder', 'drift.resolved'] as const).map((type) =>
      threadOf(told(type, { since: type })),
    );
    expect(new Set(threads).size).toBe(1);
    expect(threadOf(told('drift.firing', { target: drifted('b') }))).toBe(threads[0]);
  });

  it('separates threads by kind, host and account', () => {
    const elsewhere = { ...drifted('a'), issuer: 'https://ci.example.com/org/x' };
    const threads = [
      threadOf(told('drift.firing')),
      threadOf(told('finding.firing')),
      threadOf(told('drift.firing', { target: elsewhere })),
      threadOf(told('drift.firing', { target: null })),
      threadOf(told('drift.firing'), { id: '210987654321', name: null }),
    ];
    expect(new Set(threads).size).toBe(threads.length);
  });

  it('reports 700 providers of one host in one message that a chat can show', () => {
    const many = Array.from({ length: 700 }, (_, index) =>
      told('drift.firing', { target: { ...drifted('a'), issuer: `${drifted('a').issuer}${index}` } }),
    );
    const messages = composeChat(many, ACCOUNT);
    expect(messages).toHaveLength(1);
    expect(messages[0]?.content.description.length).toBeLessThanOrEqual(3_000);
    expect(messages[0]?.metadata.relatedResources.length).toBeLessThanOrEqual(20);
  });

  it('escapes markup in foreign text', () => {
    const text = '<!channel> & <https://evil.example|*click* _here_> `x` ~y~ [z](a) \\ \u202e';
    expect(only(saying(text)).content.description).toBe(
      `${NO_LOGIN_AFFECTED}\n${String.raw`&lt;!channel&gt; &amp; &lt;https://evil.example|\*click\* \_here\_&gt; \`x\` \~y\~ \[z\](a) \\ \\u{202e}`}`,
    );
    const named = { ...inSync('a'), issuer: 'https://ci_1.example.com' };
    expect(only(saying('x', { target: named })).content.title).toBe(
      String.raw`[high] Certificate expires soon: ci\_1.example.com ${WHERE}`,
    );
  });

  it('writes one message that repeats nothing', () => {
    const target = { ...inSync('a'), providerArn: null };
    const messages = composeChat(
      [
        saying('First.'),
        told('drift.firing'),
        saying('First.', { target: inSync('b') }),
        saying('Second.', { eventType: 'finding.reminder', severity: 'critical', target }),
      ],
      { id: null, name: null },
    );
    expect(messages.map(({ metadata }) => metadata.eventType)).toEqual(['finding.firing', 'drift.firing']);
    expect(messages[0]).toMatchObject({
      content: {
        title: '[high] Certificate expires soon: oidc.circleci.com and 1 more finding (account unknown)',
        description: `${NO_LOGIN_AFFECTED}\nFirst.\nSecond.`,
        nextSteps: ['Renew it (the mail has the command).'],
      },
      metadata: {
        summary: 'Certificate expires soon: oidc.circleci.com and 1 more finding (account unknown)',
        relatedResources: [inSync('a').providerArn, inSync('b').providerArn, issuerOf('a')],
        additionalContext: { severity: 'critical', account: 'unknown' },
      },
    });
  });

  it('has no steps if there are none, or if the problem is resolved', () => {
    const silent = finding('CERT001', 'high', 'It ends.', '\naws iam x');
    for (const one of [
      told('finding.firing', { findings: [silent] }),
      saying('It ends.', { eventType: 'finding.resolved' }),
    ]) {
      expect(only(one).content).not.toHaveProperty('nextSteps');
    }
  });

  it('has no resources for notifications of the account', () => {
    const { content, metadata } = only(saying('It ends.', { target: null }));
    expect(content.title).toBe(`[high] Certificate expires soon ${WHERE}`);
    expect(metadata.relatedResources).toEqual([]);
    expect(metadata.additionalContext).toEqual({ severity: 'high', account: ACCOUNT.id });
  });

  it('has a new id if its content is new, or the same at a later time', () => {
    const one = saying('First.');
    const ids = [one, one, saying('Second.'), { ...one, since: '2026-11-25T06:00:00.000Z' }].map(
      (each) => only(each).id,
    );
    expect(ids[1]).toBe(ids[0]);
    expect(new Set(ids).size).toBe(3);
    for (const id of [...ids, threadOf(one)]) expect(id).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('composeChat: a message above the limits', () => {
  it('is truncated in the title, the description, the summary and the steps', () => {
    const issuer = `https://${'a.'.repeat(120)}example.com`;
    const steps = Array.from({ length: 6 }, (_, index) =>
      finding('CERT001', 'high', 'm'.repeat(4_000), `${index}${'s'.repeat(400)}\naws`),
    );
    const target = { ...inSync('a'), issuer, providerArn: 'p'.repeat(301) };
    const { content, metadata } = only(told('finding.firing', { severity: 'high', target, findings: steps }));
    expect(content.title).toHaveLength(250);
    expect(content.title).toMatch(
      /^\[high\] Certificate expires soon: a\..*\.\.\..*example\.com \(account prod 1/,
    );
    expect(content.description).toBe(`${NO_LOGIN_AFFECTED}\n${'m'.repeat(2_977)}…`);
    expect(metadata.summary).toMatch(/^Certificate expires soon: a\..*123456789012\)$/);
    expect(content.nextSteps).toEqual(Array.from('01234', (index) => `${index}${'s'.repeat(348)}…`));
    expect(metadata.relatedResources).toEqual([`${'p'.repeat(300)}…`]);
  });

  it('is never truncated inside an escape, nor inside a surrogate pair', () => {
    const start = `${NO_LOGIN_AFFECTED}\n`;
    /** What is shown of a text that begins so many characters before the limit. */
    const shown = (tail: string, before: number): string => {
      const filler = 'm'.repeat(3_000 - start.length - before);
      return only(saying(`${filler}${tail}`)).content.description.slice(start.length + filler.length);
    };
    expect(shown('m', 1)).toBe('m');
    expect(shown('&&', 6)).toBe('&amp;…');
    expect(shown('&&', 5)).toBe('…');
    expect(shown('**', 2)).toBe('…');
    expect(shown('**', 3)).toBe('\\*…');
    expect(shown('😀😀', 2)).toBe('…');
    expect(shown('😀😀', 3)).toBe('😀…');
  });

  it('names twenty resources', () => {
    const many = Array.from({ length: 21 }, (_, index) =>
      told('drift.firing', { target: { ...drifted('a'), providerArn: `arn:${index}` } }),
    );
    expect(composeChat(many, ACCOUNT)[0]?.metadata.relatedResources).toEqual(
      Array.from({ length: 20 }, (_, index) => `arn:${index}`),
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import { composeChat } from '../../../lambda/core/alert/chat';
import type { Notification } from '../../../lambda/core/alert/notification';
import { drifted, finding } from '../../support/reports';
import { told } from '../../support/told';

const ACCOUNT = '123456789012';

const threadOf = (notification: Notification, account = ACCOUNT): string | undefined =>
  composeChat([notification], account)[0]?.metadata.threadId;

describe('composeChat', () => {
  it('writes what Amazon Q Developer in chat applications takes', () => {
    const [message, ...others] = composeChat([told('drift.firing')], ACCOUNT);
    expect(others).toEqual([]);
    expect(message).toMatchObject({
      version: '1.0',
      source: 'custom',
      content: {
        textType: 'client-markdown',
        title: '[low] drift at oidc.circleci.com',
        description: expect.stringContaining('list'),
        nextSteps: ['List the certificates that are served now, beside those listed before:'],
      },
      metadata: { eventType: 'drift.firing', relatedResources: [drifted('a').providerArn] },
    });
    expect(message?.content.description).toContain('No login is affected today.');
  });

  it('keeps firing, reminder and end of one kind at one host in one thread', () => {
    const threads = (['drift.firing', 'drift.reminder', 'drift.resolved'] as const).map((type) =>
      threadOf(told(type, { since: type })),
    );
    expect(new Set(threads).size).toBe(1);
    expect(threadOf(told('drift.firing', { target: drifted('b') }))).toBe(threads[0]);
  });

  it('parts kinds, hosts and accounts', () => {
    const elsewhere = { ...drifted('a'), issuer: 'https://ci.example.com/org/x' };
    const threads = [
      threadOf(told('drift.firing')),
      threadOf(told('finding.firing')),
      threadOf(told('drift.firing', { target: elsewhere })),
      threadOf(told('drift.firing', { target: null })),
      threadOf(told('drift.firing'), '210987654321'),
    ];
    expect(new Set(threads).size).toBe(threads.length);
  });

  it('tells 700 providers of one host in one message that a chat can show', () => {
    const many = Array.from({ length: 700 }, (_, index) =>
      told('drift.firing', { target: { ...drifted('a'), issuer: `${drifted('a').issuer}${index}` } }),
    );
    const messages = composeChat(many, ACCOUNT);
    expect(messages).toHaveLength(1);
    expect(messages[0]?.content.description.length).toBeLessThanOrEqual(3_000);
    expect(messages[0]?.metadata.relatedResources.length).toBeLessThanOrEqual(20);
  });

  it('lets no foreign text be markup', () => {
    const hostile = finding('CERT001', 'high', '<!channel> & <https://evil.example|*click* _here_> `x` ~y~');
    const [message] = composeChat([told('finding.firing', { findings: [hostile] })], ACCOUNT);
    const { description = '' } = message?.content ?? {};
    expect(description).not.toMatch(/<|>|(?<!\\)[*_~`]/);
    expect(description).toContain('&lt;!channel&gt; &amp;');
  });
});

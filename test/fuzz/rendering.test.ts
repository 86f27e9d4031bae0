import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { painter } from '../../cli/colour';
import { OUTPUTS, render } from '../../cli/outputs/render';
import { composeAlert } from '../../lambda/alerting/message/message';
import { composeChat } from '../../lambda/alerting/message/chat';
import { escapeForeign } from '../../lambda/text/escape';
import { notificationsOf } from '../support/followed';
import { fuzzing } from '../support/fuzz';
import { hostileReports } from '../support/hostile-reports';
import { readXml, schemaProblems } from '../support/junit';
import { contextOf } from '../support/told';

const LOOK = { failOn: 'high', columns: 80, paint: painter(false), isInterrupted: false } as const;

const expectPlain = (text: string): void => {
  expect(text.split('\n').filter((line) => line !== escapeForeign(line))).toEqual([]);
};

/** GitHub's runner takes such a line of a log for a command: https://github.com/actions/runner, ActionCommand.cs */
const expectNoCommand = (text: string): void => {
  expect(text).not.toMatch(/^\s*::.*::/m);
  expect(text).not.toContain('##[');
};

describe('any foreign text', () => {
  it.each(OUTPUTS)('is plain text in the output %s', (output) => {
    fc.assert(
      fc.property(hostileReports, (report) => {
        const text = render(report, output, LOOK);
        // The heading of the Markdown has a sign of its own, which a variation selector colours.
        expectPlain(text.replace(/^# \u26a0\ufe0f/, '#'));
        expectNoCommand(text);
        if (output === 'json') expect(JSON.parse(text)).toEqual(report);
        if (output === 'junit') expect(schemaProblems(readXml(text))).toEqual([]);
      }),
      fuzzing(0.1),
    );
  });

  it('is plain text in the report, the mail and its subject, in a message that SNS accepts', () => {
    let sent = 0;
    fc.assert(
      fc.property(hostileReports, fc.constantFrom(1, 1, 1, 50), (report, times) => {
        const targets = Array.from({ length: times }, () => report.targets).flat();
        const many = { ...report, targets };
        expectPlain(report.text);
        const notifications = notificationsOf(many);
        const message = composeAlert(notifications, contextOf(many));
        if (message === null) return;
        sent += 1;
        expectPlain(message.email);
        expect(message.machine).not.toContain('\n');
        expect(JSON.parse(message.machine)).toMatchObject({ text: message.email });
        expect(message.subject).toMatch(/^[\x20-\x7e]{1,99}$/);
        const body = JSON.stringify({ default: message.machine, email: message.email });
        expect(Buffer.byteLength(body)).toBeLessThan(256 * 1024);
      }),
      fuzzing(0.2),
    );
    expect(sent).toBeGreaterThan(0);
  });

  it('is no markup of a chat, and fits its limits', () => {
    let sent = 0;
    fc.assert(
      fc.property(hostileReports, (report) => {
        for (const message of composeChat(notificationsOf(report), { id: report.account, name: null })) {
          sent += 1;
          const { title, description, nextSteps = [] } = message.content;
          expect(title).toMatch(/^\[[a-z]+\] /);
          for (const text of [
            title.replace(/^\[[a-z]+\] /, ''),
            description,
            ...nextSteps,
            message.metadata.summary,
          ]) {
            expectPlain(text);
            expect(text.replaceAll(/\\[\\*_~`[\]]/g, '')).not.toMatch(/[<>*_~`[\]]|&(?!(amp|lt|gt);)/);
          }
          expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(64 * 1024);
        }
      }),
      fuzzing(0.2),
    );
    expect(sent).toBeGreaterThan(0);
  });
});

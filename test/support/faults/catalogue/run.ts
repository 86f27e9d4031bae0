/** Runs that are cut short, get invalid input, or have no recipient. */
import { BLACK_HOLE, startBlackHole } from '../black-hole';
import type { Fault } from '../fault';
import { alike } from '../unmet-words';

const asking = (name: string, event: unknown): Fault => ({
  row: 45,
  name,
  alone: true,
  update: true,
  inject: ({ settings }) => {
    settings.event = event;
  },
  expected: {
    error: 'EventError',
    more: ({ proxy }) => alike('calls of AWS', proxy.calls().length, 0),
  },
});

const NOBODY =
  '<ListSubscriptionsByTopicResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><ListSubscriptionsByTopicResult><Subscriptions/></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>';

export const RUN: readonly Fault[] = [
  {
    row: 41,
    name: 'a host that answers too late for the run',
    inject: (stage) => {
      stage.settings.milliseconds = 700;
      stage.victim.front.behave((socket) => socket.resume());
    },
    expected: { codes: ['DEADLINE_EXCEEDED'] },
  },
  {
    row: 41,
    name: 'a provider that AWS answers too late for the run',
    inject: ({ settings, proxy, victim: { arn } }) => {
      settings.milliseconds = 700;
      proxy.interfere(({ action, text }) =>
        action === 'GetOpenIDConnectProvider' && text.includes(arn) ? { kind: 'silence' } : undefined,
      );
    },
    expected: { codes: ['DEADLINE_EXCEEDED'] },
  },
  {
    row: 41,
    name: 'a run without any time',
    alone: true,
    inject: ({ settings }) => {
      settings.milliseconds = 0;
    },
    expected: { codes: ['DEADLINE_EXCEEDED'] },
  },
  ...[-25, 168].map((hours): Fault => ({
    row: 42,
    name:
      hours < 0
        ? 'a clock that has not moved since the first run'
        : 'a clock that is a week ahead for one run',
    inject: ({ settings }) => {
      settings.hoursOff = hours;
    },
    expected: {},
  })),
  asking('an unknown action', { action: 'update' }),
  asking('an unknown key', { action: 'monitor', update: 'guarded' }),
  asking('garbage for an event', 'monitor'),
  {
    row: 46,
    name: 'no confirmed recipient',
    alone: true,
    inject: ({ proxy }) =>
      proxy.interfere(({ action }) =>
        action === 'ListSubscriptionsByTopic' ? { kind: 'answer', status: 200, body: NOBODY } : undefined,
      ),
    expected: {
      says: /has no confirmed subscription/,
      more: ({ facts }, [run]) => [
        ...alike('whether nobody listens', facts.at(-1)?.hasNoRecipients, true),
        ...((run?.messages.length ?? 0) === 0 ? ['Nothing was published.'] : []),
      ],
    },
  },
  {
    row: 47,
    name: 'an address that is silent beside one that answers',
    inject: async (stage) => {
      stage.settings.connectMs = 800;
      stage.world.names.set(stage.victim.name, ['127.0.0.1', BLACK_HOLE]);
      stage.later(await startBlackHole(stage.victim.front.port));
    },
    expected: {
      more: ({ victim }, [run]) =>
        alike(
          'silent addresses',
          run?.report?.targets.find(({ issuer }) => issuer === victim.issuer)?.unanswered?.length,
          1,
        ),
    },
  },
];

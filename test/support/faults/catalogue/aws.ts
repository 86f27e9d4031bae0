/** AWS calls that do not come back as they should. */
import type { ProxiedCall, Treatment } from '../aws-proxy';
import type { Fault } from '../fault';
import type { Run } from '../run';
import type { Stage } from '../stage';
import { FOREIGN } from '../stage';
import { alike } from '../unmet-words';

const THROTTLED: Treatment = { kind: 'error', code: 'Throttling', status: 400 };
const DENIED: Treatment = { kind: 'error', code: 'AccessDenied', status: 403 };
const BROKEN: Treatment = { kind: 'error', code: 'ServiceFailure', status: 500 };
const CONFLICT: Treatment = { kind: 'error', code: 'ConcurrentModification', status: 409 };

const LIST = 'ListOpenIDConnectProviders';
const GET = 'GetOpenIDConnectProvider';
const UPDATE = 'UpdateOpenIDConnectProviderThumbprint';

/** Every call of an action. */
const on =
  (action: string, treatment: Treatment): Fault['inject'] =>
  ({ proxy }: Stage) =>
    proxy.interfere((call) => (call.action === action ? treatment : undefined));

const isOf = ({ action, text }: ProxiedCall, wanted: string, arn: string): boolean =>
  action === wanted && text.includes(arn);

/** Every call of an action about the victim. */
const onVictim =
  (action: string, treatment: Treatment): Fault['inject'] =>
  ({ proxy, victim: { arn } }: Stage) =>
    proxy.interfere((call) => (isOf(call, action, arn) ? treatment : undefined));

/** The first calls of an update of the victim; somebody else may have written in between. */
const conflicting =
  (times: number, theirs?: string): Fault['inject'] =>
  (stage) => {
    const { proxy, victim } = stage;
    let left = times;
    proxy.interfere(async (call) => {
      if (!isOf(call, UPDATE, victim.arn) || left === 0) return undefined;
      left -= 1;
      const list = (await stage.lists()).get(victim.arn) ?? [];
      if (theirs !== undefined) await stage.setList(victim.arn, [...list, theirs]);
      return CONFLICT;
    });
  };

const updateOf = ({ proxy, victim }: Stage): number =>
  proxy.calls().filter((call) => isOf(call, UPDATE, victim.arn)).length;

const listOf: (stage: Stage, run: Run | undefined) => readonly string[] = ({ victim }, run) =>
  run?.after.get(victim.arn) ?? [];

const READING: readonly Fault[] = [
  {
    row: 27,
    name: 'a list of providers that is throttled',
    inject: on(LIST, THROTTLED),
    expected: { codes: ['AWS_THROTTLED'], failures: ['AWS_THROTTLED'] },
  },
  {
    row: 27,
    name: 'a list of providers that fails inside AWS',
    inject: on(LIST, BROKEN),
    expected: { codes: ['AWS_UNAVAILABLE'], failures: ['AWS_UNAVAILABLE'] },
  },
  {
    row: 27,
    name: 'one provider that is throttled',
    inject: onVictim(GET, THROTTLED),
    expected: { codes: ['AWS_THROTTLED'] },
  },
  {
    row: 27,
    name: 'one provider, and AWS hangs up',
    inject: onVictim(GET, { kind: 'reset' }),
    expected: { codes: ['AWS_UNAVAILABLE'] },
  },
  {
    row: 27,
    name: 'one provider, and silence',
    silent: 'aws',
    inject: onVictim(GET, { kind: 'silence' }),
    expected: { codes: ['AWS_UNAVAILABLE'] },
  },
  {
    row: 27,
    name: 'one provider, and an answer that is no XML',
    inject: onVictim(GET, { kind: 'answer', status: 200, body: '<html><p>' }),
    expected: { codes: ['AWS_UNAVAILABLE'] },
  },
  {
    row: 27,
    name: 'one provider that is throttled once',
    inject: ({ proxy, victim: { arn } }) => {
      let left = 1;
      proxy.interfere((call) => (isOf(call, GET, arn) && left-- > 0 ? THROTTLED : undefined));
    },
    expected: {},
  },
  {
    row: 27,
    name: 'roles that are throttled',
    inject: on('ListRoles', THROTTLED),
    expected: { failures: ['AWS_THROTTLED'] },
  },
  {
    row: 28,
    name: 'one provider denied',
    inject: onVictim(GET, DENIED),
    expected: { codes: ['AWS_ACCESS_DENIED'], says: /iam:GetOpenIDConnectProvider/ },
  },
  {
    row: 28,
    name: 'every provider denied',
    inject: on(GET, DENIED),
    expected: { error: 'AccessError' },
  },
  {
    row: 28,
    name: 'the list of providers denied',
    inject: on(LIST, DENIED),
    expected: { error: 'AccessError' },
  },
  {
    row: 28,
    name: 'roles denied',
    inject: on('ListRoles', DENIED),
    expected: { failures: ['AWS_ACCESS_DENIED'], says: /iam:ListRoles/ },
  },
  {
    row: 29,
    name: 'a provider deleted during the run',
    alone: true,
    inject: async (stage) => {
      const { proxy, victim } = stage;
      const list = (await stage.lists()).get(victim.arn) ?? [];
      proxy.interfere(async (call) => {
        if (isOf(call, GET, victim.arn)) await stage.removeProvider(victim.arn);
        return undefined;
      });
      stage.later(() => stage.restoreProvider(victim, list));
    },
    expected: { status: 'provider-missing', checks: ['PROV001'] },
  },
  {
    row: 30,
    name: 'an empty list, and a private authority',
    alone: true,
    inject: async (stage) => {
      const { victim } = stage;
      await stage.setList(victim.arn, []);
      stage.later(() => stage.setList(victim.arn, victim.truth));
    },
    expected: { status: 'drifted', checks: ['THUMB001'] },
  },
];

const WRITING: readonly Fault[] = [
  {
    row: 31,
    name: 'another writer, once',
    victim: 'drifting',
    update: true,
    inject: conflicting(1),
    expected: {
      status: 'drifted',
      more: (stage) => alike('updates asked for', updateOf(stage), 2),
    },
  },
  {
    row: 31,
    name: 'another writer, again and again',
    victim: 'drifting',
    update: true,
    inject: conflicting(9),
    expected: {
      status: 'drifted',
      more: (stage, [run]) => [
        ...alike('updates asked for', updateOf(stage), 2),
        ...alike('list', listOf(stage, run), run?.before.get(stage.victim.arn)),
      ],
    },
  },
  {
    row: 31,
    name: 'another writer, whose entry stays',
    victim: 'drifting',
    update: true,
    alone: true,
    inject: conflicting(1, FOREIGN),
    expected: {
      status: 'drifted',
      more: (stage, [run]) =>
        alike('list', listOf(stage, run), [
          ...(run?.before.get(stage.victim.arn) ?? []),
          FOREIGN,
          ...stage.victim.truth,
        ]),
    },
  },
  {
    row: 32,
    name: 'the old list, for as long as anybody looks',
    victim: 'drifting',
    update: true,
    inject: ({ proxy, victim, world }) => {
      let isWritten = false;
      proxy.interfere(({ action, text }) => {
        if (!text.includes(victim.arn)) return undefined;
        isWritten ||= action === UPDATE;
        if (!isWritten || action !== GET) return undefined;
        const { name, org, front, usual } = victim;
        return {
          kind: 'answer',
          status: 200,
          body: providerXml(`${name}:${front.port}/org/${org}`, org, usual.top.thumbprint),
        };
      });
      world.names.set(victim.name, ['127.0.0.1']);
    },
    expected: {
      status: 'drifted',
      more: (_, [run]) => {
        const texts = (run?.messages ?? []).map(({ text }) => text.replaceAll(/\s+/g, ' '));
        return texts.some((text) => text.includes('IAM accepted the update, but does not show it yet.'))
          ? []
          : [`No message says that it is not visible yet: ${texts.join('\n')}`];
      },
    },
  },
];

const providerXml = (url: string, audience: string, thumbprint: string): string =>
  `<GetOpenIDConnectProviderResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetOpenIDConnectProviderResult><Url>${url}</Url><ClientIDList><member>${audience}</member></ClientIDList><ThumbprintList><member>${thumbprint}</member></ThumbprintList></GetOpenIDConnectProviderResult></GetOpenIDConnectProviderResponse>`;

/** All of the group. */
export const AWS: readonly Fault[] = [...READING, ...WRITING];

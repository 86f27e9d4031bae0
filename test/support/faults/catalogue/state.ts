/** A store that fails, or that contains something else. */
import { brotliCompressSync } from 'node:zlib';
import { MAX_UNPACKED_BYTES, PACK_FORMAT } from '../../../../lambda/state/pack';
import type { Json } from '../../../../lambda/state/pack';
import { STATE_VERSION } from '../../../../lambda/state/schema';
import { isDeepStrictEqual } from 'node:util';
import { unreadableId } from '../../../../lambda/adapters/dynamodb';
import type { FailureCode } from '../../../../lambda/domain/errors';
import type { ProxiedCall, Treatment } from '../aws-proxy';
import type { Fault, More } from '../fault';
import {
  STATE_IDS,
  earlierItems,
  changed,
  firstRuns,
  isWhole,
  withData,
  withProperties,
  withTarget,
} from '../items';
import type { Attributes } from '../items';
import type { Run } from '../run';
import type { Stage } from '../stage';
import { alike } from '../unmet-words';

const LOAD = 'GetItem';
const SAVE = 'PutItem';
const { main: MAIN, retained: RETAINED } = STATE_IDS;

/** Whether a call is about the item of this id. */
const isAbout = ({ text }: ProxiedCall, id: string): boolean => text.includes(`"${id}"`);

const lost = (
  name: string,
  action: string,
  treatment: Treatment,
  code: FailureCode,
  more: Partial<Fault> = {},
): Fault => ({
  row: 36,
  name,
  inject: ({ proxy }) => proxy.interfere((call) => (call.action === action ? treatment : undefined)),
  expected: {
    failures: [code],
    more: ({ facts }) => alike('whether nothing was saved', facts.at(-1)?.isNotSaved, action === SAVE),
  },
  ...more,
});

const error = (code: string, status = 400): Treatment => ({ kind: 'error', code, status });

const isNotSaved = ({ check }: { readonly check: string }): boolean => check === 'OPS002';

/** Calls about one item fail. */
const partlyLost = (
  name: string,
  action: string,
  id: string,
  expected: Partial<Fault['expected']> = {},
): Fault => ({
  row: 36,
  name,
  inject: ({ proxy }) =>
    proxy.interfere((call) =>
      call.action === action && isAbout(call, id) ? error('InternalServerError', 500) : undefined,
    ),
  expected: { failures: ['AWS_UNAVAILABLE'], ...expected },
});

/** Which items of the state a run changed. */
const writtenBy = (run: Run | undefined): readonly string[] =>
  [MAIN, RETAINED].filter(
    (id) => !Object.is(dataOf(run?.itemsBefore.get(id)), dataOf(run?.itemsAfter.get(id))),
  );

const dataOf = (item: Attributes | undefined): string =>
  Buffer.from(item?.['data']?.B ?? []).toString('base64');

const eventsOf = (run: Run | undefined, issuer: string): readonly string[] =>
  (run?.messages ?? [])
    .flatMap(({ events }) => events)
    .filter((event) => event.issuer === issuer)
    .map(({ eventType }) => eventType);

/** Something else is in the place of an item of the state. */
interface Replaced {
  readonly id: string;
  readonly by: (item: Attributes | undefined, stage: Stage) => Attributes;
  readonly more?: More;
}

const replaced = (
  name: string,
  { id, by, more = () => [] }: Replaced,
  fault: Partial<Fault> = {},
): Fault => ({
  row: 37,
  name,
  inject: async (stage) => {
    await stage.putItem(id, by((await stage.items()).get(id), stage));
  },
  expected: {
    more: (stage, runs) => [...preserved(id, stage, runs), ...more(stage, runs)],
  },
  ...fault,
});

/** The item was copied as it was, counted, and replaced by one that can be read. */
function preserved(id: string, { facts }: Stage, [run]: readonly Run[]): readonly string[] {
  const copy = run?.itemsAfter.get(unreadableId(id));
  const isCopied = copy !== undefined && isDeepStrictEqual(copy, run?.itemsBefore.get(id));
  return [
    ...(isCopied ? [] : ['The copy is not what was there.']),
    ...alike('items that could not be read', facts.at(-1)?.unreadableItems, 1),
    ...alike('whether the new item can be read', isWhole(run?.itemsAfter.get(id)), true),
  ];
}

/** One of the two items is enough to know that people were alerted: a day later they are reminded. */
const notAlertedAgain: More = ({ world: { two } }, [run]) =>
  alike('events of what was alerted before', eventsOf(run, two.issuer), ['drift.reminder']);

/** The runs of targets that were collected before are counted from then on. */
const knownSince =
  (...isKnown: readonly ((stage: Stage, issuer: string) => boolean)[]): More =>
  (stage, [run]) => {
    const since = firstRuns(run?.itemsAfter.get(MAIN));
    const known = stage.world.hosts.map(
      ({ issuer }) => since.get(issuer) === stage.world.begin.toISOString(),
    );
    const wanted = stage.world.hosts.map(({ issuer }) => isKnown.every((is) => is(stage, issuer)));
    return alike('targets that are known since the first run', known, wanted);
  };

const garbage = (): Attributes => withData(Buffer.from('garbage'));

/** A small item that becomes larger than the limit when it is decompressed. */
function bomb(): Attributes {
  const compressed = brotliCompressSync(Buffer.alloc(MAX_UNPACKED_BYTES + 1, ' '));
  const head = Buffer.alloc(5);
  head.writeUInt8(PACK_FORMAT, 0);
  head.writeUInt32BE(compressed.length, 1);
  return withData(Buffer.concat([head, compressed]));
}

function ofOtherFormat(item: Attributes | undefined): Attributes {
  const data = Buffer.from(item?.['data']?.B ?? []);
  data.writeUInt8(PACK_FORMAT + 1, 0);
  return withData(data);
}

const newer = (item: Attributes | undefined): Attributes =>
  changed(item, (value) => withProperties(value, { stateVersion: STATE_VERSION + 1 }));

/** Without all of the state nobody can say what people removed, so no list is updated. */
const isRefusedByStore: More = ({ victim }, [run]) =>
  alike('guard', run?.report?.targets.find(({ issuer }) => issuer === victim.issuer)?.update?.guard, 'store');

const LOST: readonly Fault[] = [
  lost('a store that cannot be read', LOAD, error('InternalServerError', 500), 'AWS_UNAVAILABLE'),
  lost('a store whose reads are throttled', LOAD, error('ThrottlingException'), 'AWS_THROTTLED'),
  lost('a store whose reads are denied', LOAD, error('AccessDeniedException'), 'AWS_ACCESS_DENIED'),
  lost('a store that hangs up', LOAD, { kind: 'reset' }, 'AWS_UNAVAILABLE'),
  lost('a store that stays silent', LOAD, { kind: 'silence' }, 'AWS_UNAVAILABLE', { silent: 'aws' }),
  lost(
    'a store that answers with garbage',
    LOAD,
    { kind: 'answer', status: 200, body: '<' },
    'AWS_UNAVAILABLE',
  ),
  lost('a table that is gone', LOAD, error('ResourceNotFoundException'), 'AWS_NOT_FOUND'),
  lost('a store whose writes are denied', SAVE, error('AccessDeniedException'), 'AWS_ACCESS_DENIED'),
  lost('a store whose writes are throttled', SAVE, error('ThrottlingException'), 'AWS_THROTTLED'),
  lost('a store whose writes stay silent', SAVE, { kind: 'silence' }, 'AWS_UNAVAILABLE', { silent: 'aws' }),
  partlyLost('the small item cannot be read', LOAD, RETAINED, {
    more: (_, [run]) => alike('items that were written', writtenBy(run), []),
  }),
  partlyLost('the large item cannot be read', LOAD, MAIN, {
    more: (_, [run]) => alike('items that were written', writtenBy(run), []),
  }),
  partlyLost('the small item cannot be written', SAVE, RETAINED, {
    more: ({ facts }, [run]) => [
      ...alike('whether the state was not saved', facts.at(-1)?.isNotSaved, true),
      ...alike('items that were written', writtenBy(run), []),
    ],
  }),
  partlyLost('the large item cannot be written', SAVE, MAIN, {
    more: ({ facts }, [run]) => [
      ...alike('whether the state was not saved', facts.at(-1)?.isNotSaved, true),
      ...alike('items that were written', writtenBy(run), [RETAINED]),
    ],
  }),
  {
    row: 36,
    name: 'a store that cannot be read, where lists are repaired',
    alone: true,
    update: true,
    victim: 'drifting',
    inject: ({ proxy }) =>
      proxy.interfere(({ action }) => (action === LOAD ? error('InternalServerError', 500) : undefined)),
    expected: { status: 'drifted', failures: ['AWS_UNAVAILABLE'], more: isRefusedByStore },
  },
];

const REPLACED: readonly Fault[] = [
  replaced('a large item that is garbage', { id: MAIN, by: garbage, more: notAlertedAgain }),
  replaced('a small item that is garbage', {
    id: RETAINED,
    by: garbage,
    more: (stage, runs) => [...notAlertedAgain(stage, runs), ...knownSince()(stage, runs)],
  }),
  replaced('a large item of another format', { id: MAIN, by: ofOtherFormat, more: notAlertedAgain }),
  replaced('a large item of a newer version', { id: MAIN, by: newer, more: notAlertedAgain }),
  replaced('a small item of a newer version', { id: RETAINED, by: newer, more: knownSince() }),
  replaced('an item that decompresses to more than 8 MiB', { id: MAIN, by: bomb, more: notAlertedAgain }),
  replaced('one target of another form in an item', {
    id: MAIN,
    by: (item, { victim: { issuer } }) => changed(item, withTarget(issuer, { firstRun: 'yesterday' })),
    more: (stage, runs) => [
      ...notAlertedAgain(stage, runs),
      ...knownSince(({ victim }, issuer) => issuer !== victim.issuer)(stage, runs),
    ],
  }),
  ...[MAIN, RETAINED].map((id): Fault => ({
    row: 37,
    name: `${id === MAIN ? 'a large' : 'a small'} item that is garbage, where lists are repaired`,
    alone: true,
    update: true,
    victim: 'drifting',
    inject: (stage) => stage.putItem(id, garbage()),
    expected: {
      status: 'drifted',
      more: (stage, runs) => [...preserved(id, stage, runs), ...isRefusedByStore(stage, runs)],
    },
  })),
  {
    row: 37,
    name: 'an item that cannot be read, and no copy of it can be written',
    inject: async (stage) => {
      await stage.putItem(MAIN, garbage());
      stage.proxy.interfere((call) =>
        call.action === SAVE && isAbout(call, unreadableId(MAIN))
          ? error('AccessDeniedException')
          : undefined,
      );
    },
    expected: {
      failures: ['AWS_ACCESS_DENIED'],
      more: ({ facts }, [run]) => [
        ...alike('whether the state was not saved', facts.at(-1)?.isNotSaved, true),
        ...alike('items that were written', writtenBy(run), []),
      ],
    },
  },
  {
    row: 37,
    name: 'items of version 1, of which one is garbage',
    alone: true,
    inject: async (stage) => {
      const items = new Map(earlierItems((await stage.items()).get(MAIN)));
      items.set(stage.victim.issuer, { version: { N: '4' }, data: { S: 'garbage' } });
      await stage.remember(items);
    },
    expected: {
      more: (stage, runs) => {
        const [run] = runs;
        const { issuer } = stage.victim;
        return [
          ...alike('items that could not be read', stage.facts.at(-1)?.unreadableItems, 1),
          ...notAlertedAgain(stage, runs),
          ...knownSince(({ victim }, each) => each !== victim.issuer)(stage, runs),
          // Nothing overwrites it, so no copy is needed.
          ...alike('item that is garbage', run?.itemsAfter.get(issuer), run?.itemsBefore.get(issuer)),
        ];
      },
    },
  },
];

const atVersion = (name: string, version: string): Fault => ({
  row: 54,
  name,
  inject: async (stage) => {
    const items = await stage.items();
    for (const id of [MAIN, RETAINED]) await stage.putItem(id, { ...items.get(id), version: { N: version } });
  },
  expected: {
    more: ({ facts }, [run]) => [
      ...alike('whether the state was not saved', facts.at(-1)?.isNotSaved, false),
      ...alike('conflicts', facts.at(-1)?.conflicts, 0),
      ...alike('items that were written', writtenBy(run), [MAIN, RETAINED]),
    ],
  },
});

const refusing = (
  name: string,
  code: string,
  failure: FailureCode,
  isRefused: (call: ProxiedCall) => boolean,
): Fault => ({
  row: 54,
  name,
  inject: ({ proxy }) =>
    proxy.interfere((call) => (call.action === SAVE && isRefused(call) ? error(code) : undefined)),
  expected: {
    failures: [failure],
    more: (_, [run]) => alike('OPS002 in the report', run?.report?.findings.some(isNotSaved), true),
  },
});

const LIMITS: readonly Fault[] = [
  refusing('a table that takes nothing', 'AccessDeniedException', 'AWS_ACCESS_DENIED', () => true),
  refusing('a large item that is too large', 'ValidationException', 'AWS_UNAVAILABLE', (call) =>
    isAbout(call, MAIN),
  ),
  atVersion('items whose version is at its limit', '9007199254740991'),
  atVersion('items whose version is beyond the limit of JavaScript', '9007199254740993'),
  atVersion('items whose version is decimal', '1.99999999999999999999999999'),
];

const SENTENCE = 'Ring the helpdesk at once';

/** No stored sentence reaches a reader. */
const withoutSentence: More = (_, [run]) =>
  JSON.stringify([run?.report, run?.messages]).includes(SENTENCE) ? ['The sentence reached a reader.'] : [];

const forged = (
  name: string,
  id: string,
  change: (stage: Stage) => (value: Json) => Json,
  more: More,
): Fault => ({
  row: 55,
  name,
  inject: async (stage) => {
    await stage.putItem(id, changed((await stage.items()).get(id), change(stage)));
  },
  expected: { more: (stage, runs) => [...withoutSentence(stage, runs), ...more(stage, runs)] },
});

const AT = '2026-01-01T00:00:00.000Z';
const names = { names: [SENTENCE], more: 0 };
const track = (subject: Json, value: string): Json => ({
  key: 'THUMB001',
  since: AT,
  found: 3,
  missed: 0,
  severity: 'critical',
  evidence: [{ value, found: 3, missed: 0 }],
  findings: [{ check: 'THUMB001', severity: 'critical', subject }],
  more: 0,
  notified: null,
});

/** What a target must not contain: it is treated as absent. */
const FORGERIES: readonly (readonly [name: string, changes: Readonly<Record<string, Json>>])[] = [
  [
    'the thumbprints of a change',
    {
      pendingChanges: [{ change: { kind: 'thumbprints-removed', isOwn: true, thumbprints: names }, at: AT }],
    },
  ],
  [
    'the audiences of a change',
    { pendingChanges: [{ change: { kind: 'audiences', action: 'added', audiences: names }, at: AT }] },
  ],
  ['the subject of a finding', { tracks: [track(SENTENCE, 'itself')] }],
  ['the evidence of a finding', { tracks: [track(null, SENTENCE)] }],
  [
    'an unknown kind of change',
    { pendingChanges: [{ change: { kind: SENTENCE, message: SENTENCE }, at: AT }] },
  ],
  [
    'the severity of a change',
    {
      pendingChanges: [
        {
          change: {
            kind: 'earlier',
            check: 'THUMB008',
            severity: SENTENCE,
            thumbprints: { names: [], more: 0 },
          },
          at: AT,
        },
      ],
    },
  ],
  ['thumbprints', { notCompared: [SENTENCE] }],
];

const isCounted: More = ({ facts }) =>
  alike('items that could not be read', facts.at(-1)?.unreadableItems, 1);

const FORGED: readonly Fault[] = [
  ...FORGERIES.map(([place, changes]) =>
    forged(
      `a sentence instead of ${place}`,
      MAIN,
      ({ victim: { issuer } }) => withTarget(issuer, changes),
      isCounted,
    ),
  ),
  forged(
    'sentences in lists that are only compared',
    MAIN,
    ({ victim: { issuer } }) =>
      withTarget(issuer, { listed: [SENTENCE], audiences: [SENTENCE], jwksHost: SENTENCE }),
    ({ facts }) => alike('items that could not be read', facts.at(-1)?.unreadableItems, 0),
  ),
  forged(
    'a sentence instead of a provider of the account',
    MAIN,
    () => (value) =>
      withProperties(value, {
        account: {
          lastRun: AT,
          providers: [SENTENCE],
          recipients: { confirmed: 9, checkedAt: AT },
          baselines: [],
          tracks: [],
          pendingChanges: [],
        },
      }),
    ({ facts }) => alike('items that could not be read', facts.at(-1)?.unreadableItems, 0),
  ),
  forged(
    'an update that nobody made, where lists are not repaired',
    RETAINED,
    ({ victim: { issuer } }) =>
      (value) =>
        withProperties(value, {
          targets: [
            {
              issuer,
              firstRun: AT,
              tracks: [],
              added: ['a'.repeat(40)],
              updatedAt: AT,
              intent: { at: AT, added: ['a'.repeat(40)] },
            },
          ],
        }),
    (_, [run]) => {
      const all = (run?.messages ?? []).flatMap(({ events }) => events.map(({ eventType }) => eventType));
      return alike('whether an update was alerted', all.includes('updated'), false);
    },
  ),
  {
    row: 55,
    name: 'an item of version 1 with a sentence that somebody forged',
    alone: true,
    inject: async (stage) => {
      const items = new Map(earlierItems((await stage.items()).get(MAIN)));
      const { issuer } = stage.victim;
      const json: unknown = JSON.parse(items.get(issuer)?.['data']?.S ?? '{}');
      const finding = { check: 'THUMB008', severity: 'critical', message: SENTENCE, remedy: SENTENCE };
      const news = [{ finding, at: new Date().toISOString() }];
      items.set(issuer, {
        version: { N: '1' },
        data: { S: JSON.stringify({ ...Object(json), memoryVersion: 1, news }) },
      });
      await stage.remember(items);
    },
    expected: {
      more: (stage, runs) => {
        const all = JSON.stringify([runs[0]?.report, runs[0]?.messages]);
        return [
          ...withoutSentence(stage, runs),
          ...(all.includes('"check":"THUMB008","severity":"high"') ? [] : ['The change was not reported.']),
        ];
      },
    },
  },
];

export const STATE: readonly Fault[] = [
  ...LOST,
  ...REPLACED,
  ...LIMITS,
  ...FORGED,
  {
    row: 38,
    name: 'two runs at once',
    inject: ({ settings }) => {
      settings.runs = 2;
    },
    expected: {
      more: ({ facts }) =>
        facts.slice(-2).some(({ conflicts }) => conflicts > 0) ? [] : ['No write met another.'],
    },
  },
];

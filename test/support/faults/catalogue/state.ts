/** A store that is lost, or contains something else. */
import type { Treatment } from '../aws-proxy';
import type { Fault, More } from '../fault';
import type { Stage } from '../stage';
import type { FailureCode } from '../../../../lambda/domain/errors';
import { alike } from '../unmet-words';

const LOAD = 'BatchGetItem';
const SAVE = 'PutItem';

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
const SENTENCE = 'Ring the helpdesk at once';

/** The item of the victim as somebody else left it. */
const holding = (name: string, change: (json: string) => string): Fault => ({
  row: 37,
  name,
  inject: async (stage) => {
    const { issuer } = stage.victim;
    const item = (await stage.items()).get(issuer);
    await stage.putItem(issuer, change(item?.json ?? ''));
  },
  expected: { more: keptRaw(change) },
});

const keptRaw =
  (change: (json: string) => string): More =>
  ({ victim, facts }: Stage, [run]) => {
    const before = run?.itemsBefore.get(victim.issuer)?.json ?? '';
    return [
      ...alike('raw copy', run?.itemsAfter.get(victim.issuer)?.unreadable, before),
      ...alike('items that could not be read', facts.at(-1)?.unreadableItems, 1),
      ...(change('{"memoryVersion":2}') === '' ? ['Nothing was put.'] : []),
    ];
  };

export const STATE: readonly Fault[] = [
  lost('a store that cannot be read', LOAD, error('InternalServerError', 500), 'AWS_UNAVAILABLE'),
  lost('a store whose reads are throttled', LOAD, error('ThrottlingException'), 'AWS_THROTTLED'),
  lost('a store whose reads are denied', LOAD, error('AccessDeniedException'), 'AWS_ACCESS_DENIED'),
  lost('a store that hangs up', LOAD, { kind: 'reset' }, 'AWS_UNAVAILABLE'),
  lost('a store that stays silent', LOAD, { kind: 'silence' }, 'AWS_UNAVAILABLE', { silent: 'aws' }),
  lost('a table that is gone', LOAD, error('ResourceNotFoundException'), 'AWS_NOT_FOUND'),
  lost('a store whose writes are denied', SAVE, error('AccessDeniedException'), 'AWS_ACCESS_DENIED'),
  lost('a store whose writes are throttled', SAVE, error('ThrottlingException'), 'AWS_THROTTLED'),
  lost('a store whose writes stay silent', SAVE, { kind: 'silence' }, 'AWS_UNAVAILABLE', { silent: 'aws' }),
  {
    row: 36,
    name: 'a store that cannot be read, where lists are repaired',
    alone: true,
    update: true,
    victim: 'drifting',
    inject: ({ proxy }) =>
      proxy.interfere(({ action }) => (action === LOAD ? error('InternalServerError', 500) : undefined)),
    expected: {
      status: 'drifted',
      failures: ['AWS_UNAVAILABLE'],
      more: ({ victim }, [run]) =>
        alike(
          'guard',
          run?.report?.targets.find(({ issuer }) => issuer === victim.issuer)?.update?.guard,
          'store',
        ),
    },
  },
  holding('an item that is garbage', () => 'garbage'),
  holding('an item of an older version', (json) => json.replace('"memoryVersion":2', '"memoryVersion":0')),
  lost('a table that takes nothing', SAVE, error('AccessDeniedException'), 'AWS_ACCESS_DENIED', {
    row: 54,
    expected: {
      failures: ['AWS_ACCESS_DENIED'],
      more: (_, [run]) => [...alike('OPS002 in the report', run?.report?.findings.some(isNotSaved), true)],
    },
  }),
  {
    row: 55,
    name: 'an item with a sentence that somebody forged',
    inject: async (stage) => {
      const { issuer } = stage.victim;
      const json = (await stage.items()).get(issuer)?.json ?? '{}';
      const at = new Date().toISOString();
      const forged = { check: 'THUMB008', severity: 'critical', message: SENTENCE, remedy: SENTENCE };
      await stage.putItem(
        issuer,
        JSON.stringify({
          ...Object(JSON.parse(json)),
          memoryVersion: 1,
          news: [{ finding: forged, at }],
        }),
      );
    },
    expected: {
      more: (_, [run]) => {
        const all = JSON.stringify([run?.report, run?.messages]);
        return [
          ...(all.includes('"check":"THUMB008","severity":"high"') ? [] : ['The change was not reported.']),
          ...(all.includes(SENTENCE) ? ['The sentence reached a reader.'] : []),
        ];
      },
    },
  },
  holding('an item of a newer version', (json) => json.replace('"memoryVersion":2', '"memoryVersion":3')),
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

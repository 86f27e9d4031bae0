/** A topic that refuses messages. */
import type { Treatment } from '../aws-proxy';
import type { Fault } from '../fault';

const publishing = (name: string, treatment: Treatment, more: Partial<Fault> = {}): Fault => ({
  row: 33,
  name,
  inject: ({ proxy }) => proxy.interfere(({ action }) => (action === 'Publish' ? treatment : undefined)),
  expected: { error: 'PublishError' },
  ...more,
});

const error = (code: string, status: number): Treatment => ({ kind: 'error', code, status });

export const SNS: readonly Fault[] = [
  publishing('a topic that denies', error('AuthorizationError', 403)),
  publishing('a topic that is throttled', error('Throttling', 400)),
  publishing('a topic that is gone', error('NotFound', 404)),
  publishing('a topic that fails inside AWS', error('InternalError', 500)),
  publishing('a topic that hangs up', { kind: 'reset' }),
  publishing('a topic that stays silent', { kind: 'silence' }, { silent: 'aws' }),
  {
    row: 33,
    name: 'a topic that is throttled once',
    inject: ({ proxy }) => {
      let left = 1;
      proxy.interfere(({ action }) =>
        action === 'Publish' && left-- > 0 ? error('Throttling', 400) : undefined,
      );
    },
    expected: {},
  },
];

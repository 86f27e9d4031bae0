import { describe, expect, it } from '@jest/globals';
import { remedySteps } from '../../lambda/remedies/steps';

describe('remedySteps', () => {
  it('puts each command under its own sentence', () => {
    expect(remedySteps('First:\naws iam a \\\n  --b c\n\nOr:\naws iam d\n\nElse nothing.')).toEqual([
      { prose: 'First:', command: 'aws iam a \\\n  --b c' },
      { prose: 'Or:', command: 'aws iam d' },
      { prose: 'Else nothing.', command: null },
    ]);
  });

  it('has no step for an empty remedy', () => {
    expect(remedySteps('')).toEqual([]);
  });
});

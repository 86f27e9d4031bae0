import { describe, expect, it } from '@jest/globals';
import { testPasses } from '../../lambda/iam-policy/condition';
import type { Comparison } from '../../lambda/iam-policy/condition';
import { automaton } from '../../lambda/iam-policy/automaton';
import type { Automaton, GlobState } from '../../lambda/iam-policy/automaton';
import { stepLimit } from '../../lambda/iam-policy/step-limit';
import { TANGLED, allTexts, wanderingText } from '../support/globs';

const read = ({ start, step }: Automaton, text: string): GlobState => Array.from(text).reduce(step, start);

interface Case {
  readonly comparison: Comparison;
  readonly values: readonly string[];
  readonly characters: string;
  /** No value needs a longer text. */
  readonly longest: number;
}

const CASES: readonly Case[] = [
  {
    comparison: 'like',
    values: [...allTexts('ab*?', 3), 'a*b*a', '?*?*', '**a'],
    characters: 'ab*',
    longest: 3,
  },
  { comparison: 'exact', values: allTexts('a*?', 2), characters: 'ab*?', longest: 2 },
  // The Kelvin sign and the long s are no ASCII letters, and other letters have no case.
  {
    comparison: 'ignore-case',
    values: ['', 'aB', 'A*', 'Σ', 'k', 'sS'],
    characters: 'aABΣσkK\u212asSſ*',
    longest: 2,
  },
];

for (const { comparison, values, characters, longest } of CASES)
  describe(`the DFA of values under ${comparison}`, () => {
    const texts = allTexts(characters, longest);
    const beginnings = allTexts(characters, longest - 1);
    const other = (index: number): string => values[(7 * index + 3) % values.length] ?? '';
    /** None, each by itself, and each with another one before it. */
    const written = [[], ...values.flatMap((value, index) => [[value], [other(index), value]])];
    /** For each of them, the texts for which something does not hold. */
    const wrong = (
      among: readonly string[],
      holds: (one: Automaton, text: string, values: readonly string[]) => boolean,
    ) =>
      written
        .map((some) => {
          const one = automaton(some, comparison);
          return [some, ...among.filter((text) => !holds(one, text, some))];
        })
        .filter(([, ...others]) => others.length > 0);

    it('accepts exactly the texts that match', () => {
      const does = (text: string, some: readonly string[]): boolean =>
        testPasses({ claim: null, comparison, values: some, negated: false }, text);
      expect(wrong(texts, (one, text, some) => read(one, text).accepting === does(text, some))).toEqual([]);
    });

    it('is in a dead state exactly if no continuation matches', () => {
      const isLost = (one: Automaton, text: string): boolean =>
        !texts.some((ending) => read(one, text + ending).accepting);
      expect(wrong(beginnings, (one, text) => read(one, text).dead === isLost(one, text))).toEqual([]);
    });

    it('distinguishes only the characters that have a transition', () => {
      const others = [...Array.from(characters), 'x', 'y'];
      const isOneWay = (one: Automaton, text: string): boolean => {
        const state = read(one, text);
        const ways = others
          .filter((each) => !state.awaited.includes(each))
          .map((each) => one.step(state, each));
        return new Set(ways).size <= 1;
      };
      expect(wrong(beginnings, isOneWay)).toEqual([]);
    });

    it('has one state, and one id, for all equivalent texts', () => {
      for (const some of written) {
        const one = automaton(some, comparison);
        const states = new Set(texts.map((text) => read(one, text)));
        expect(new Set([...states].map(({ id }) => id)).size).toBe(states.size);
        expect(states.size).toBeLessThanOrEqual(2 ** (some.join('').length + some.length));
      }
    });
  });

describe('DFA states', () => {
  it('are one for all texts after which anything matches', () => {
    const one = automaton(['ab*', 'a*', 'c?b*', 'c'], 'like');
    expect(new Set(['a', 'ab', 'axb', 'cab', 'cabb'].map((text) => read(one, text))).size).toBe(1);
    expect(read(one, 'ab')).toMatchObject({ accepting: true, dead: false, awaited: [] });
  });
});

describe('step cost of a DFA', () => {
  it('is counted: its values once, and each new state by its positions', () => {
    const limit = stepLimit();
    const one = automaton(TANGLED, 'like', limit);
    const begun = limit.spent();
    expect(begun).toBeGreaterThan(TANGLED.join('').length);
    const text = wanderingText(200);
    read(one, text);
    const first = limit.spent() - begun;
    // After a hundred letters, each state has the positions that the last 91 letters have opened.
    expect(first).toBeGreaterThan(100 * 91);
    read(one, text);
    expect(limit.spent() - begun - first).toBe(200);
  });
});

describe('transitions of a DFA state', () => {
  it('contain the next letter, in both cases if case does not matter', () => {
    expect(automaton(['ab'], 'exact').start.awaited).toEqual(['a']);
    expect(automaton(['Ab'], 'ignore-case').start.awaited).toEqual(['a', 'A']);
    expect(automaton(['ß'], 'ignore-case').start.awaited).toEqual(['ß']);
  });

  it('contain the letters of all values, once', () => {
    expect(automaton(['ab', 'b', 'ac'], 'exact').start.awaited).toEqual(['a', 'b']);
  });

  it('contain no wildcard, but the letter after one', () => {
    expect(automaton(['*?b'], 'like').start.awaited).toEqual([]);
    expect(automaton(['*b'], 'like').start.awaited).toEqual(['b']);
    expect(automaton(['*b'], 'exact').start.awaited).toEqual(['*']);
  });
});

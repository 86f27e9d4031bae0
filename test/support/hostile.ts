/** Untrusted input: texts and JSON that begin as valid ones and go wrong in the ways that break parsers. */
import fc from 'fast-check';
import { anyText } from './any-text';

/** Each has broken some program: escapes, markup, templates, shells, prototypes, logs, direction, lone surrogates. */
const CLASSICS = [
  '',
  ' ',
  '__proto__',
  'constructor',
  'toString',
  '\u0000',
  'a\r\nBcc: b@evil.example',
  '\u001b[2J\u001b]8;;https://evil.example\u0007x',
  '\u009b31m',
  '\u202egnp.exe',
  '\u2028',
  '\ud800',
  '\udfff\ud83d',
  '\ufeff',
  '\uffff',
  '<!channel> <https://evil.example|x> & *b* _i_ `c` ~s~',
  '[x](https://evil.example) ![x](https://evil.example) <img src=x> @all https://evil.example www.evil.example',
  '| a | b |\n|---|---|\n# h',
  '::add-mask::a ::error::b ##[error]c',
  ']]></failure><x a="',
  '${aws.x} %{ if true } "',
  "$(id) `id` ; id | id & id > x 'x",
  '=1+1',
  '%00%0a%zz',
  'é'.normalize('NFD'),
  '\u{1f600}'.repeat(300),
  'A\u0301'.repeat(200),
  'x'.repeat(20_000),
  '"\\'.repeat(200),
  '*'.repeat(300),
  '?*'.repeat(150),
];

const halves = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));

/** A text that no parser expects. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...CLASSICS),
  anyText,
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: halves }),
  fc.array(fc.constantFrom(...CLASSICS), { maxLength: 3 }).map((parts) => parts.join('')),
);

const nested = (depth: number, [open, close]: readonly [string, string]): string =>
  open.repeat(depth) + close.repeat(depth);

/** A JSON value that no parser expects, as text. */
const hostileJson: fc.Arbitrary<string> = fc.oneof(
  hostileText.map((text) => JSON.stringify(text)),
  fc.json(),
  fc.constantFrom(
    ...['null', 'true', 'false', '0', '-0', '-1', '1e999', '-1e999', '1e-400', '0.1', '9007199254740993'],
    ...[
      '1'.repeat(400),
      '[]',
      '{}',
      '[null]',
      '[[]]',
      '{"":{}}',
      '{"__proto__":{"polluted":1}}',
      '"\\ud800"',
    ],
    ...['NaN', '01', '"\u0001"', '"\\x"', "'x'", ',', ''],
  ),
  // Those that overflow stacks are rare: parsing one takes as long as a thousand ordinary documents.
  fc
    .oneof(
      { weight: 12, arbitrary: fc.constantFrom(3, 63, 64, 65) },
      { weight: 1, arbitrary: fc.constantFrom(1_000, 20_000) },
    )
    .chain((depth) => fc.constantFrom(nested(depth, ['[', ']']), nested(depth, ['{"a":[', ']}']))),
);

const HOSTILE_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'length',
  '',
  '0',
  'Issuer',
  '\ud800',
];
const hostileMember = fc
  .tuple(fc.oneof(fc.constantFrom(...HOSTILE_KEYS), hostileText), hostileJson)
  .map(([key, value]) => `${JSON.stringify(key)}:${value}`);

const mostly = (
  usual: fc.Arbitrary<string>,
  ...seldom: readonly fc.Arbitrary<string>[]
): fc.Arbitrary<string> =>
  fc.oneof({ weight: 30, arbitrary: usual }, ...seldom.map((arbitrary) => ({ weight: 1, arbitrary })));

/** A member as it was, renamed, lost, repeated, or with an unknown one beside it. */
function member(key: string, value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const name = JSON.stringify(key);
  const itself = value.map((written) => `${name}:${written}`);
  return mostly(
    itself,
    fc.constant(''),
    fc.tuple(itself, hostileMember).map((both) => both.join()),
    fc.tuple(itself, hostileJson).map(([written, other]) => `${written},${name}:${other}`),
    fc.tuple(hostileText, value).map(([other, written]) => `${JSON.stringify(other)}:${written}`),
  );
}

/** The JSON of a valid value, in which anything may have gone wrong, seldom much at once. */
export function mutatedJson(value: unknown): fc.Arbitrary<string> {
  if (Array.isArray(value)) {
    const items = fc.tuple(...value.map(mutatedJson));
    return mostly(
      items.map((written) => `[${written.join()}]`),
      items.map((written) => `[${[...written, ...written].join()}]`),
      items.map((written) => written[0] ?? '[]'),
      hostileJson,
    );
  }
  if (typeof value !== 'object' || value === null)
    return mostly(fc.constant(JSON.stringify(value)), hostileJson);
  const members = fc.tuple(...Object.entries(value).map(([key, one]) => member(key, mutatedJson(one))));
  const written = members.map((parts) => `{${parts.filter((part) => part !== '').join()}}`);
  return mostly(
    written,
    written.map((one) => `[${one}]`),
    hostileJson,
  );
}

/** The same as text, of which a piece may be missing, or random bytes put in. */
export const damaged = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  mostly(
    text,
    fc.tuple(text, fc.nat(), fc.nat(40)).map(([one, at, cut]) => {
      const start = at % (one.length + 1);
      return one.slice(0, start) + one.slice(start + cut);
    }),
    fc.tuple(text, fc.nat(), hostileText).map(([one, at, put]) => {
      const start = at % (one.length + 1);
      return one.slice(0, start) + put + one.slice(start);
    }),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('utf8')),
    hostileText,
  );

/**
 * The conditions of a policy, written from the documentation of AWS alone:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
import { BlockList, isIP } from 'node:net';

/** `unknown`: the documentation does not say it, or this file does not implement it. */
export type Truth = 'yes' | 'no' | 'unknown';

/** One value, or the list of a key that can have several. */
export type KeyValue = string | readonly string[];

/** What a policy asks of one condition key. */
export interface Condition {
  /** In lower case. */
  readonly key: string;
  /** As the policy has it. */
  readonly operator: string;
  /** Undefined: the request does not have the key. */
  readonly holds: (value: KeyValue | undefined) => Truth;
}

/** Both of two. */
export const both = (one: Truth, other: Truth): Truth => {
  if (one === 'no' || other === 'no') return 'no';
  return one === 'yes' && other === 'yes' ? 'yes' : 'unknown';
};
/** One of two, or both. */
export const either = (one: Truth, other: Truth): Truth => not(both(not(one), not(other)));
/** The opposite. */
export const not = (truth: Truth): Truth => (truth === 'unknown' ? truth : truth === 'yes' ? 'no' : 'yes');
/** Of a fact that is known. */
export const sure = (fact: boolean): 'yes' | 'no' => (fact ? 'yes' : 'no');

/** Compares the value of a request with the one of a policy that it was made for. */
type Comparison = (given: string) => Truth;
const UNKNOWN: Comparison = () => 'unknown';

/** Reads a condition. `hasVariables`: whether the policy is of the version that has policy variables. */
export function readCondition(
  operator: string,
  key: string,
  values: readonly string[],
  hasVariables: boolean,
): Condition {
  const read = (holds: Condition['holds']): Condition => ({ key: key.toLowerCase(), operator, holds });
  if (operator.toLowerCase() === 'null') return read(nullCondition(values));
  const [, set, name = '', suffix] =
    /^(?:(forallvalues|foranyvalue):)?(.+?)(ifexists)?$/.exec(operator.toLowerCase()) ?? [];
  const found = OPERATORS.get(name);
  if (found === undefined) return read(() => 'unknown');
  const { compare, isNegated } = found;
  const wanted = values.map((value) => compare(value, hasVariables));
  const matches = (given: string): Truth => {
    const matched = wanted.reduce<Truth>((truth, comparison) => either(truth, comparison(given)), 'no');
    return isNegated ? not(matched) : matched;
  };
  return read((value) => {
    if (value === undefined) return withoutKey(set, suffix !== undefined, isNegated);
    // AWS documents lists with ForAllValues and ForAnyValue only.
    if (set === undefined) return typeof value === 'string' ? matches(value) : 'unknown';
    // An empty text is "a null data set".
    const given = [value].flat().filter((one) => one !== '');
    return set === 'forallvalues'
      ? given.map(matches).reduce(both, 'yes')
      : given.map(matches).reduce(either, 'no');
  });
}

/** What ForAnyValue with IfExists does without the key is documented in both ways. */
function withoutKey(set: string | undefined, ifExists: boolean, isNegated: boolean): Truth {
  if (set === 'forallvalues') return 'yes';
  if (set === 'foranyvalue') return ifExists ? 'unknown' : 'no';
  return sure(ifExists || isNegated);
}

/** `"true"`: the key must be absent. */
function nullCondition(values: readonly string[]): Condition['holds'] {
  const wanted = values.map((value) => value.toLowerCase());
  if (!wanted.every((value) => value === 'true' || value === 'false')) return () => 'unknown';
  return (value) => sure(wanted.includes(value === undefined ? 'true' : 'false'));
}

interface Operator {
  readonly compare: (wanted: string, hasVariables: boolean) => Comparison;
  readonly isNegated: boolean;
}

const equal = (given: number, wanted: number): boolean => given === wanted;
const less = (given: number, wanted: number): boolean => given < wanted;
const notMore = (given: number, wanted: number): boolean => given <= wanted;
const more = (given: number, wanted: number): boolean => given > wanted;
const notLess = (given: number, wanted: number): boolean => given >= wanted;

const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  Object.entries({
    stringequals: { compare: stringEquals, isNegated: false },
    stringnotequals: { compare: stringEquals, isNegated: true },
    stringequalsignorecase: { compare: stringEqualsIgnoreCase, isNegated: false },
    stringnotequalsignorecase: { compare: stringEqualsIgnoreCase, isNegated: true },
    stringlike: { compare: stringLike, isNegated: false },
    stringnotlike: { compare: stringLike, isNegated: true },
    numericequals: { compare: comparingBy(numberOf, equal), isNegated: false },
    numericnotequals: { compare: comparingBy(numberOf, equal), isNegated: true },
    numericlessthan: { compare: comparingBy(numberOf, less), isNegated: false },
    numericlessthanequals: { compare: comparingBy(numberOf, notMore), isNegated: false },
    numericgreaterthan: { compare: comparingBy(numberOf, more), isNegated: false },
    numericgreaterthanequals: { compare: comparingBy(numberOf, notLess), isNegated: false },
    dateequals: { compare: comparingBy(timeOf, equal), isNegated: false },
    datenotequals: { compare: comparingBy(timeOf, equal), isNegated: true },
    datelessthan: { compare: comparingBy(timeOf, less), isNegated: false },
    datelessthanequals: { compare: comparingBy(timeOf, notMore), isNegated: false },
    dategreaterthan: { compare: comparingBy(timeOf, more), isNegated: false },
    dategreaterthanequals: { compare: comparingBy(timeOf, notLess), isNegated: false },
    bool: { compare: bool, isNegated: false },
    ipaddress: { compare: ipAddress, isNegated: false },
    notipaddress: { compare: ipAddress, isNegated: true },
    arnequals: { compare: arnLike, isNegated: false },
    arnlike: { compare: arnLike, isNegated: false },
    arnnotequals: { compare: arnLike, isNegated: true },
    arnnotlike: { compare: arnLike, isNegated: true },
  }),
);

/** One character of a pattern, `MANY` or `ONE`: these have two, so that they are no character. */
type Pattern = readonly string[];
const MANY = '**';
const ONE = '??';

/**
 * Null if the value has a policy variable. `${*}`, `${?}` and `${$}` are these characters. In a policy of an earlier
 * version all of it is text.
 */
function patternOf(value: string, hasVariables: boolean): Pattern | null {
  if (!hasVariables) return Array.from(value, wildcardOrText);
  const escaped = [...value.matchAll(/\$\{([*?$])\}|[^]/gu)];
  return /\$\{(?![*?$]\})/.test(value)
    ? null
    : escaped.map(([text, character]) => character ?? wildcardOrText(text));
}

const wildcardOrText = (character: string): string =>
  character === '*' ? MANY : character === '?' ? ONE : character;

/** The asterisk and the question mark are no wildcards here. */
function stringEquals(wanted: string, hasVariables: boolean): Comparison {
  const pattern = patternOf(wanted, hasVariables);
  if (pattern === null) return UNKNOWN;
  const text = textOf(pattern);
  return (given) => sure(given === text);
}

const textOf = (pattern: Pattern): string =>
  pattern.map((part) => (part === MANY ? '*' : part === ONE ? '?' : part)).join('');

/** AWS does not document which letters beyond ASCII have two cases. */
function stringEqualsIgnoreCase(wanted: string, hasVariables: boolean): Comparison {
  const pattern = patternOf(wanted, hasVariables);
  if (pattern === null) return UNKNOWN;
  const text = lowerAscii(textOf(pattern));
  return (given) => {
    if (lowerAscii(given) === text) return 'yes';
    return /[^ -~]/.test(given + text) ? 'unknown' : 'no';
  };
}

const lowerAscii = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

function stringLike(wanted: string, hasVariables: boolean): Comparison {
  const pattern = patternOf(wanted, hasVariables);
  return pattern === null ? UNKNOWN : (given) => sure(matchesPattern(pattern, given));
}

/** Whether texts match one with the wildcards `*` and `?`. */
export function wildcardMatcher(wanted: string): (given: string) => boolean {
  const pattern = Array.from(wanted, wildcardOrText);
  return (given) => matchesPattern(pattern, given);
}

/** After a `*` it is enough to repeat from the last one. */
function matchesPattern(pattern: Pattern, given: string): boolean {
  const text = Array.from(given);
  let part = 0;
  let at = 0;
  let last: { readonly part: number; readonly at: number } | null = null;
  while (at < text.length) {
    if (pattern[part] === MANY) {
      part += 1;
      last = { part, at };
    } else if (pattern[part] === ONE || pattern[part] === text[at]) {
      part += 1;
      at += 1;
    } else {
      if (last === null) return false;
      last = { part: last.part, at: last.at + 1 };
      ({ part, at } = last);
    }
  }
  return pattern.slice(part).every((rest) => rest === MANY);
}

/** What is no value of the type of the operator is not known to be equal or not. */
function comparingBy(
  read: (text: string) => number | null,
  holds: (given: number, wanted: number) => boolean,
): Operator['compare'] {
  return (text) => {
    const wanted = read(text);
    if (wanted === null) return UNKNOWN;
    return (value) => {
      const given = read(value);
      return given === null ? 'unknown' : sure(holds(given, wanted));
    };
  };
}

function numberOf(text: string): number | null {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}

/** A date by https://www.w3.org/TR/NOTE-datetime, or seconds since 1970. */
function timeOf(text: string): number | null {
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const isDate = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const time = isDate ? Date.parse(text) : NaN;
  return Number.isNaN(time) ? null : time;
}

function bool(text: string): Comparison {
  const wanted = text.toLowerCase();
  const isBool = (value: string): boolean => value === 'true' || value === 'false';
  if (!isBool(wanted)) return UNKNOWN;
  return (given) => (isBool(given.toLowerCase()) ? sure(given.toLowerCase() === wanted) : 'unknown');
}

/** CIDR, or one address. An address of the other family is in no network. */
function ipAddress(text: string): Comparison {
  const [address = '', length] = text.split('/');
  const version = isIP(address);
  const longest = version === 6 ? 128 : 32;
  const prefix = length === undefined ? longest : /^\d{1,3}$/.test(length) ? Number(length) : -1;
  if (version === 0 || prefix < 0 || prefix > longest) return UNKNOWN;
  const family = (given: number): 'ipv4' | 'ipv6' => (given === 6 ? 'ipv6' : 'ipv4');
  const network = new BlockList();
  network.addSubnet(address, prefix, family(version));
  return (given) => {
    const of = isIP(given);
    if (of === 0) return 'unknown';
    return sure(of === version && network.check(given, family(of)));
  };
}

/** "Each of the six colon-delimited components of the ARN is checked separately and each can include" wildcards. */
function arnLike(wanted: string, hasVariables: boolean): Comparison {
  const patterns = componentsOf(wanted)?.map((component) => patternOf(component, hasVariables));
  if (patterns === undefined || (hasVariables && wanted.includes('${'))) return UNKNOWN;
  return (value) => {
    const given = componentsOf(value);
    if (given === null) return 'unknown';
    return sure(
      patterns.every((pattern, at) => pattern !== null && matchesPattern(pattern, given[at] ?? '')),
    );
  };
}

/** The sixth has all of the rest. Null if the text is no ARN. */
function componentsOf(text: string): readonly string[] | null {
  const [arn, ...rest] = text.split(':');
  return arn === 'arn' && rest.length >= 5 ? ['arn', ...rest.slice(0, 4), rest.slice(4).join(':')] : null;
}

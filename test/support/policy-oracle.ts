/**
 * What IAM does with a token, written down a second time from its documentation: by regular expressions on the parsed
 * JSON, without a line of the product. It knows the operators that the generated policies use.
 */

/** One request: what stands under each condition key. A key that is absent is missing. */
export type Request = Readonly<Record<string, string>>;

/** A statement as it stands in the JSON. */
export interface WrittenStatement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Condition: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** Whether IAM lets the request pass. All statements are taken to name its principal and action. */
export function letsPass(statements: readonly WrittenStatement[], request: Request): boolean {
  const applies = (effect: string): boolean =>
    statements.some(({ Effect, Condition }) => Effect === effect && allHold(Condition, request));
  return applies('Allow') && !applies('Deny');
}

const allHold = (conditions: WrittenStatement['Condition'], request: Request): boolean =>
  Object.entries(conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) =>
      holds(operator, request[key.toLowerCase()], [values].flat()),
    ),
  );

function holds(operator: string, actual: string | undefined, values: readonly string[]): boolean {
  if (operator === 'Null') return values.includes(actual === undefined ? 'true' : 'false');
  const plain = operator.replace(/^For(All|Any)Values?:/, '').replace(/IfExists$/, '');
  const negated = plain.includes('Not');
  if (actual === undefined) {
    if (operator.endsWith('IfExists') || operator.startsWith('ForAll')) return true;
    return !operator.startsWith('ForAny') && negated;
  }
  const flags = plain.endsWith('IgnoreCase') ? 'isu' : 'su';
  const some = values.some((value) => new RegExp(`^${source(plain, value)}$`, flags).test(actual));
  return some !== negated;
}

const source = (operator: string, value: string): string => {
  const escaped = value.replaceAll(/[.*+?^${}()|[\]\\/]/g, (character) => `\\${character}`);
  return operator.endsWith('Like') ? escaped.replaceAll('\\*', '.*').replaceAll('\\?', '.') : escaped;
};

/** The Query protocol's flat parameters: `ThumbprintList.member.1`, `MessageAttributes.entry.1.Name`. */
import { AwsFault } from './fault';

/** Parameters of one call as the client sent them, names in their flat form. */
export type Parameters = Readonly<Record<string, string>>;

/** Reads a form-encoded body. */
export const parseForm = (body: string): Parameters => Object.fromEntries(new URLSearchParams(body));

/** A parameter that a call of IAM or STS cannot do without. Throws ValidationError. */
export function requireValue(parameters: Parameters, name: string): string {
  const value = parameters[name] ?? '';
  if (value === '') throw new AwsFault('ValidationError', 400, `${name} must not be null or empty`);
  return value;
}

/** The members of a list in their order. An absent list and an empty one (`ThumbprintList=`) are both empty. */
export const listOf = (parameters: Parameters, name: string): string[] =>
  valuesOf((position) => parameters[`${name}.member.${position}`]);

/** The entries of a map, each with its fields: `X.entry.1.Value.DataType` becomes `{ 'Value.DataType' }`. */
export const entriesOf = (parameters: Parameters, name: string): Parameters[] =>
  valuesOf((position) => fieldsUnder(parameters, `${name}.entry.${position}.`));

function valuesOf<T>(read: (position: number) => T | undefined): T[] {
  const values: T[] = [];
  for (let value = read(1); value !== undefined; value = read(values.length + 1)) values.push(value);
  return values;
}

function fieldsUnder(parameters: Parameters, prefix: string): Parameters | undefined {
  const fields = Object.entries(parameters).filter(([name]) => name.startsWith(prefix));
  if (fields.length === 0) return undefined;
  return Object.fromEntries(fields.map(([name, value]) => [name.slice(prefix.length), value]));
}

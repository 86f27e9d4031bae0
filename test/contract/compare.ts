/** Compares two values of JSON, path by path. */

/** The paths at which two values differ: keys and indices joined by dots, sorted. */
export function differingPaths(before: unknown, after: unknown): readonly string[] {
  const [left, right] = [leavesOf(before), leavesOf(after)];
  return [...new Set([...left.keys(), ...right.keys()])]
    .filter((path) => left.get(path) !== right.get(path))
    .sort();
}

/** Whether a path is at or below a pattern, in which `*` matches any one key or index. */
export function matches(pattern: string, path: string): boolean {
  const parts = path.split('.');
  return pattern
    .split('.')
    .every((part, index) => (part === '*' ? index < parts.length : part === parts[index]));
}

/** The JSON of each value that holds no others, by its path. Dots in keys are written as `·`. */
function leavesOf(value: unknown, path: readonly string[] = []): ReadonlyMap<string, string> {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) {
    return new Map([[path.join('.'), JSON.stringify(value)]]);
  }
  return new Map(
    Object.entries(value).flatMap(([key, inner]: [string, unknown]) => [
      ...leavesOf(inner, [...path, key.replaceAll('.', '·')]),
    ]),
  );
}

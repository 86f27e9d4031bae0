/** Empty if both are the same; else a sentence. */
export const alike = (what: string, found: unknown, wanted: unknown): readonly string[] =>
  JSON.stringify(found) === JSON.stringify(wanted)
    ? []
    : [`The ${what}: ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}.`];

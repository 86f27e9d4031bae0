/** Trust policies as they are found in accounts, with invented names, and the correct result for each. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';

const FOLDER = join(__dirname, '..', 'checks', 'trust', 'field');

/** `findings`: all but those of severity info. `worst`: the highest severity above info. */
const CASE = v.object({
  name: v.string(),
  issuer: v.string(),
  audiences: v.array(v.string()),
  role: v.string(),
  attached: v.array(v.string()),
  trustPolicy: v.unknown(),
  findings: v.optional(v.array(v.string())),
  worst: v.optional(v.string()),
});

/** With their names in front, as `it.each` takes them. */
export const FIELD_CASES = readdirSync(FOLDER)
  .sort()
  .map((file) => v.parse(CASE, JSON.parse(readFileSync(join(FOLDER, file), 'utf8'))))
  .map((one) => [one.name, one] as const);

/** Acknowledged findings: the same format in the configuration and in a file for the command line. */
import * as v from 'valibot';
import { CHECK_IDS } from '../domain';
import { issuerOrOrg, needed, objectOf, oneOf } from './schema';
import { unknownKeys } from './suggest';

const DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

/** Date turns 30 February into March, so the day is compared, too. */
function isDate(value: unknown): boolean {
  if (typeof value !== 'string' || !DATE.test(value) || Number.isNaN(Date.parse(value))) return false;
  const day = value.slice(0, 10);
  return new Date(Date.parse(day)).toISOString().startsWith(day);
}

const entries = {
  check: oneOf(CHECK_IDS),
  issuer: issuerOrOrg,
  reason: v.pipe(
    v.string(needed('a string')),
    v.trim(),
    v.minLength(1, 'is empty. Say why, for those who read the report later.'),
  ),
  until: v.custom<string>(isDate, needed('a date such as "2027-01-31" or "2027-01-31T12:00:00Z"')),
};
const entry = objectOf(entries, 'an object with check, issuer, reason and until');

/** The list of acknowledged findings. Two for one check and issuer are refused: nobody could say which one holds. */
export const acceptList = v.pipe(
  v.array(entry, needed('a list of objects with check, issuer, reason and until')),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const keys = dataset.value.map(({ check, issuer }) => `${check} of ${issuer}`);
    const again = keys.filter((key, index) => keys.indexOf(key) !== index);
    for (const key of new Set(again)) addIssue({ message: `names ${key} more than once. Keep one entry.` });
  }),
);

/** The unknown keys of each entry, which the schema passes over. */
export const unknownAcceptKeys = (value: unknown): readonly string[] =>
  Array.isArray(value)
    ? value.flatMap((one, index) => unknownKeys(one, Object.keys(entries), `accept[${index}].`))
    : [];

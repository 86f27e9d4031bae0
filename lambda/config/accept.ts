/** Suppressions of findings: the same format in the configuration and in a file for the command line. */
import * as v from 'valibot';
import { subjectProblem } from './accept-subject';
import { issuerOrOrg, needed, objectOf, oneOf } from './schema';
import { quote } from '../text/quote';
import { unknownKeys } from './unknown-keys';
import { CHECK_IDS } from '../domain/checks';

const DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/;

/** Date converts 30 February to a day in March, so the day is compared, too. */
function isDate(value: unknown): boolean {
  if (typeof value !== 'string' || !DATE.test(value) || Number.isNaN(Date.parse(value))) return false;
  const day = value.slice(0, 10);
  return new Date(Date.parse(day)).toISOString().startsWith(day);
}

const entries = {
  check: oneOf(CHECK_IDS),
  issuer: v.exactOptional(issuerOrOrg),
  account: v.exactOptional(
    v.pipe(
      v.string(needed('an account id of 12 digits, in quotes')),
      v.regex(/^\d{12}$/, ({ input }) => `must be an account id of 12 digits; it is ${quote(input)}.`),
    ),
  ),
  subject: v.exactOptional(
    v.string(needed('a role, a thumbprint, a host or a provider, depending on the check')),
  ),
  reason: v.pipe(
    v.string(needed('a string')),
    v.trim(),
    v.minLength(1, 'is empty. Explain why the finding is accepted.'),
  ),
  until: v.custom<string>(isDate, needed('a date such as "2027-01-31" or "2027-01-31T12:00:00Z"')),
};
const KIND = 'with check, reason and until, and optionally issuer, account and subject';
const entry = v.pipe(
  objectOf(entries, `an object ${KIND}`),
  v.forward(
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed || dataset.value.subject === undefined) return;
      const problem = subjectProblem(dataset.value.check, dataset.value.subject);
      if (problem !== null) addIssue({ message: problem });
    }),
    ['subject'],
  ),
);

const entryNameOf = ({ check, issuer, account, subject }: v.InferOutput<typeof entry>): string =>
  [
    check,
    ...(subject === undefined ? [] : [quote(subject)]),
    `of ${issuer ?? 'the account'}`,
    ...(account === undefined ? [] : [`in ${account}`]),
  ].join(' ');

/**
 * The list of suppressions. Two for one check, issuer, account and subject are rejected: they would
 * contradict each other.
 */
export const acceptList = v.pipe(
  v.array(entry, needed(`a list of objects ${KIND}`)),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const keys = dataset.value.map(entryNameOf);
    const again = keys.filter((key, index) => keys.indexOf(key) !== index);
    for (const key of new Set(again)) addIssue({ message: `names ${key} more than once. Keep one entry.` });
  }),
);

/** The unknown keys of each entry, which the schema ignores. */
export const unknownAcceptKeys = (value: unknown): readonly string[] =>
  Array.isArray(value)
    ? value.flatMap((one, index) => unknownKeys(one, Object.keys(entries), `accept[${index}].`))
    : [];

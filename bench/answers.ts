/** The right answers. A contender that gives another one ends the bench: its numbers would be worth nothing. */
import { deepStrictEqual, strictEqual } from 'node:assert';
import * as v from 'valibot';
import type { Account, Counted } from './world';

/** Throws AssertionError if an answer is wrong. */
export type Check = (answer: unknown, counted: Counted) => void;

const Report = v.object({
  targets: v.array(v.object({ issuer: v.string(), status: v.string(), expected: v.array(v.string()) })),
});
const Results = v.array(
  v.object({ issuer: v.string(), thumbprint: v.string(), listed: v.array(v.string()) }),
);
const Answers = v.array(v.object({ issuer: v.string(), keys: v.number(), listed: v.array(v.string()) }));

/** The monitor: every org once, with this status and with what is served; one message if something drifted. */
export const checkReport =
  ({ issuers, served }: Account, status: 'in-sync' | 'drifted' = 'in-sync'): Check =>
  (answer, { actions }) => {
    const targets = v.parse(Report, answer).targets.sort((a, b) => (a.issuer < b.issuer ? -1 : 1));
    const expected = [...served].sort();
    deepStrictEqual(
      targets,
      issuers.map((issuer) => ({ issuer, status, expected })),
    );
    const published = actions.filter((action) => action === 'Publish').length;
    strictEqual(published, status === 'drifted' ? 1 : 0, 'The monitor published another number of messages.');
  };

/** The alternatives: every org in order, with one of the certificates that are served, and what IAM lists. */
export const checkResults =
  ({ issuers, served }: Account): Check =>
  (answer) => {
    const results = v.parse(Results, answer);
    deepStrictEqual(
      results.map(({ issuer, thumbprint, listed }) => [issuer, served.includes(thumbprint), listed]),
      issuers.map((issuer) => [issuer, true, served]),
    );
  };

/** The requests alone: every org in order, with its one key and what IAM lists. */
export const checkAnswers =
  ({ issuers, served }: Account): Check =>
  (answer) =>
    deepStrictEqual(
      v.parse(Answers, answer),
      issuers.map((issuer) => ({ issuer, keys: 1, listed: served })),
    );

/** Correctness first: defines the right answers. */
import * as v from 'valibot';
import type { Judge } from './measure';
import type { BenchAccount } from './world';

const Report = v.object({
  summary: v.object({ inSync: v.number(), drifted: v.number(), notAudited: v.number() }),
  targets: v.array(
    v.object({
      issuer: v.string(),
      status: v.string(),
      expected: v.array(v.string()),
      listed: v.array(v.string()),
    }),
  ),
});

const NaiveReport = v.array(
  v.object({ issuer: v.string(), thumbprint: v.string(), listed: v.array(v.string()) }),
);

const Answers = v.array(v.object({ issuer: v.string(), keys: v.number(), listed: v.array(v.string()) }));

/** Every org exactly once, each with this status and with what is served. */
export const reportFinds =
  ({ orgs, issuers, thumbprints }: BenchAccount, status: 'in-sync' | 'drifted'): Judge =>
  (answer) => {
    const { targets } = v.parse(Report, answer);
    const expected = [...thumbprints].sort().join();
    const wrong = targets.find((target) => target.status !== status || target.expected.join() !== expected);
    if (wrong !== undefined) return `The product says ${JSON.stringify(wrong)}, where ${status} is right.`;
    if (new Set(targets.map(({ issuer }) => issuer)).size !== orgs || targets.length !== orgs) {
      return `The product reports ${targets.length} targets of ${orgs}.`;
    }
    return issuers.every((issuer) => targets.some((target) => target.issuer === issuer))
      ? null
      : 'The product reports other orgs than there are.';
  };

/** Such a report, and exactly one message if something drifted. */
export const productFinds =
  (account: BenchAccount, status: 'in-sync' | 'drifted'): Judge =>
  (answer, seen) => {
    const messages = status === 'drifted' ? 1 : 0;
    return (
      reportFinds(account, status)(answer, seen) ??
      (seen.published === messages
        ? null
        : `The product published ${seen.published} messages, not ${messages}.`)
    );
  };

/** Every org in order, with one of the certificates that are served. */
export const naiveFinds =
  ({ orgs, issuers, thumbprints }: BenchAccount): Judge =>
  (answer) => {
    const results = v.parse(NaiveReport, answer);
    if (results.length !== orgs || results.some(({ issuer }, index) => issuer !== issuers[index])) {
      return 'The naive way reports other orgs than there are.';
    }
    const wrong = results.find(
      ({ thumbprint, listed }) => !thumbprints.includes(thumbprint) || listed.join() !== thumbprints.join(),
    );
    return wrong === undefined ? null : `The naive way says ${JSON.stringify(wrong)}.`;
  };

/** Every org in order, with keys and what is listed. */
export const requestsFind =
  ({ orgs, issuers, thumbprints }: BenchAccount): Judge =>
  (answer) => {
    const answers = v.parse(Answers, answer);
    const wrong = answers.find(
      ({ issuer, keys, listed }, index) =>
        issuer !== issuers[index] || keys === 0 || listed.join() !== thumbprints.join(),
    );
    if (wrong !== undefined) return `The requests alone say ${JSON.stringify(wrong)}.`;
    return answers.length === orgs ? null : `The requests alone tell of ${answers.length} orgs of ${orgs}.`;
  };

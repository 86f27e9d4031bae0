/**
 * Compares the product's evaluation of policies of each kind of issuer with what the embedded STS decides on random tokens.
 * ORACLE_SEED repeats a run, ORACLE_POLICIES takes more: a tenth of them for each kind.
 */
import { afterAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { parseTrustPolicy } from '../../../demo/aws/trust-policy';
import { randomFrom } from '../../support/random';
import { randomPolicy } from './policies';
import type { IssuerCase } from './policies';
import { productAnswer } from './product';
import type { Answer } from './product';
import { decide, sampleLogins } from './sampling';
import type { Found, Sample } from './sampling';
import { ISSUER_KINDS, WORLDS } from './world';
import type { IssuerKind } from './world';

const SEED = process.env['ORACLE_SEED'] ?? randomBytes(4).toString('hex');
const POLICIES = Math.ceil(Number(process.env['ORACLE_POLICIES'] ?? 800) / 10);
/** Of one policy. */
const TOKENS = 48;
const MAX_SHOWN = 3;
/** How many policies must have each result, else nothing would have been compared. */
const MIN_SHARE = POLICIES < 1_000 ? 0.04 : 0.15;

/** The tokens of these issuers say nothing that the product knows: it does not say that a role is open to them. */
const RESULTS: Readonly<Partial<Record<IssuerKind, readonly Answer['verdict'][]>>> = {
  unknown: ['closed', 'not evaluated'],
  pulumi: ['closed'],
};

/** What the product reports wrong; null: nothing. */
function disagreement(policy: IssuerCase, answer: Answer, { admitted }: Found): string | null {
  const parsed = parseTrustPolicy(policy.text);
  // The embedded STS does not decide about NotPrincipal, nor about policies that IAM would refuse.
  const isUnusual = policy.text.includes('NotPrincipal') || !answer.isParsed;
  const expected = isUnusual ? ['allowed', 'unsupported'] : ['allowed'];
  const refused = answer.examples.find(
    ({ claims, sessionName }) => !expected.includes(decide(policy, parsed, { claims }, sessionName)),
  );
  if (refused !== undefined) return `an example does not pass: ${JSON.stringify(refused)}`;
  const passing = [admitted.tenant, admitted.unit].find(
    (one) => one !== null && !isMeant(policy, answer, one),
  );
  if (answer.verdict === 'closed' && passing !== undefined) {
    return `closed, but a token passes: ${JSON.stringify(passing)}`;
  }
  const { tenant } = admitted;
  const isForeign = tenant !== null && !isMeant(policy, answer, tenant);
  if (answer.isShared && answer.tenants === 'closed' && isForeign) {
    return `closed to other tenants, but a token of another one passes: ${JSON.stringify(tenant)}`;
  }
  if (answer.verdict === 'open' && !answer.isOpenToAnyone && answer.examples.length === 0) {
    return 'open without an example';
  }
  return null;
}

/**
 * Whether the author of a policy meant a token, although nothing in the policy is its name: its whole subject is written out, or
 * its cluster is named, or the vendor itself uses it,
 * or the issuer sets the audience, and the provider lists that of its tenant, or the policy chooses an audience of an issuer of
 * which nothing else is known.
 */
const isMeant = ({ kind, text }: IssuerCase, { isUnknownIssuer }: Answer, { token }: Sample): boolean =>
  [token.claims['sub'], token.claims['cluster_id']].some(
    (claim) => claim !== undefined && text.includes(JSON.stringify(claim)),
  ) ||
  WORLDS[kind].hasFixedAudience ||
  String(token.claims['sub']).endsWith('/file-streaming/audit-logs') ||
  (isUnknownIssuer && /:o?aud"/i.test(text));

describe('the evaluation of trust policies of an issuer', () => {
  const results: Record<string, object> = {};

  afterAll(() => {
    process.stdout.write(
      `Policies compared with the embedded STS, seed ${SEED}: ${JSON.stringify(results)}\n`,
    );
  });

  it.each(ISSUER_KINDS)(`agrees with the embedded STS: %s, seed ${SEED}`, (kind) => {
    const counts = { open: 0, closed: 0, 'not evaluated': 0 };
    let found = 0;
    const differences: object[] = [];
    for (let index = 0; index < POLICIES; index += 1) {
      const name = `${SEED}/${kind}/${index}`;
      const policy = randomPolicy(randomFrom(name), kind);
      const answer = productAnswer(policy);
      const sampled = sampleLogins(policy, TOKENS, randomFrom(`${name}/tokens`));
      counts[answer.verdict] += 1;
      found += Number(answer.verdict === 'open' && sampled.verdict === 'open');
      const problem = disagreement(policy, answer, sampled);
      if (problem !== null && differences.length < MAX_SHOWN) differences.push({ name, problem, policy });
    }
    results[kind] = { ...counts, found };
    expect(differences).toEqual([]);
    for (const verdict of RESULTS[kind] ?? (['open', 'closed', 'not evaluated'] as const)) {
      expect(counts[verdict]).toBeGreaterThan(POLICIES * MIN_SHARE);
    }
  });
});

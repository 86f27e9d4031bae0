/**
 * Random policies and tokens for each kind of issuer, evaluated by the embedded STS alone. ORACLE_SEED repeats a run,
 * ORACLE_POLICIES takes more policies: a tenth of them for each kind.
 */
import { afterAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { randomFrom } from '../../support/random';
import { randomPolicy } from './policies';
import type { IssuerCase } from './policies';
import { placesIn, sampleLogins } from './sampling';
import type { Found } from './sampling';
import { randomToken } from './tokens';
import { ISSUER_KINDS, WORLDS } from './world';
import type { IssuerKind } from './world';

const SEED = process.env['ORACLE_SEED'] ?? randomBytes(4).toString('hex');
const POLICIES = Math.ceil(Number(process.env['ORACLE_POLICIES'] ?? 800) / 10);
/** Of one policy. */
const TOKENS = 48;
/**
 * How many policies must have each result, else a comparison would prove nothing: of thousands, at least 18 % had it for each
 * kind. Few differ from run to run.
 */
const MIN_SHARE = POLICIES < 1_000 ? 0.04 : 0.14;

/** How many must let in tokens that they name. */
const MIN_INSIDE = POLICIES < 1_000 ? 0.04 : 0.1;

describe('random policies of an issuer', () => {
  const results: Record<string, object> = {};

  afterAll(() => {
    process.stdout.write(`Policies of each issuer, seed ${SEED}: ${JSON.stringify(results)}\n`);
  });

  it.each(ISSUER_KINDS)(`are open, closed and undecided, each often enough: %s, seed ${SEED}`, (kind) => {
    const counts = { open: 0, closed: 0, 'not evaluated': 0 };
    let inside = 0;
    for (let index = 0; index < POLICIES; index += 1) {
      const name = `${SEED}/${kind}/${index}`;
      const policy = randomPolicy(randomFrom(name), kind);
      const { verdict, admitted } = sampleLogins(policy, TOKENS, randomFrom(`${name}/tokens`));
      counts[verdict] += 1;
      inside += Number(admitted.inside !== null);
    }
    results[kind] = { ...counts, inside };
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(POLICIES * MIN_SHARE);
    // If no policy let in its own tokens, "closed" would prove nothing.
    expect(inside).toBeGreaterThan(POLICIES * MIN_INSIDE);
  });

  it('follow from the seed', () => {
    for (const kind of ISSUER_KINDS) {
      const [one, other] = [0, 1].map(() => {
        const policy = randomPolicy(randomFrom('seed'), kind);
        return { policy, found: sampleLogins(policy, 5, randomFrom('tokens')) };
      });
      expect(one).toEqual(other);
    }
  });
});

/** Operators, and for each the claims with their values. */
type Condition = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A policy for the first tenant and unit of the world. */
const caseOf = (kind: IssuerKind, condition: Condition | null): IssuerCase => {
  const { issuer, audiences, tenants } = WORLDS[kind];
  const providerArn = `arn:aws:iam::123456789012:oidc-provider/${issuer}`;
  const statement = {
    Effect: 'Allow',
    Principal: { Federated: providerArn },
    Action: 'sts:AssumeRoleWithWebIdentity',
    ...(condition === null ? {} : { Condition: withKeys(issuer, condition) }),
  };
  return {
    kind,
    issuer,
    providerArn,
    audiences: audiences(tenants[0]),
    text: JSON.stringify({ Version: '2012-10-17', Statement: statement }),
  };
};

const withKeys = (issuer: string, condition: Condition): object =>
  Object.fromEntries(
    Object.entries(condition).map(([operator, claims]) => [
      operator,
      Object.fromEntries(Object.entries(claims).map(([claim, value]) => [`${issuer}:${claim}`, value])),
    ]),
  );

/** The worst of what was let in. */
const worst = ({ admitted }: Found): string =>
  admitted.tenant !== null
    ? 'tenant'
    : admitted.unit !== null
      ? 'unit'
      : admitted.inside !== null
        ? 'inside'
        : 'nobody';

const like = (sub: unknown): Condition => ({ StringLike: { sub } });

describe('the sampling of tokens', () => {
  it.each<[IssuerKind, Condition | null, string]>([
    ['github', null, 'tenant'],
    ['github', like('repo:acme*'), 'tenant'],
    ['github', like('repo:ac?e/widgets:*'), 'tenant'],
    ['github', like('repo:acme/*'), 'unit'],
    ['github', like('repo:acme@*/widgets@*:*'), 'inside'],
    ['github', like('repo:acme/widgets:*'), 'inside'],
    ['github', { StringEquals: { sub: 'repo:acme/*' } }, 'nobody'],
    ['github', { StringEquals: { repository_owner: 'acme' } }, 'nobody'],
    ['github', { StringEquals: { workflow: 'deploy' } }, 'tenant'],
    ['github', { StringLike: { job_workflow_ref: 'acme/widgets/.github/workflows/*' } }, 'tenant'],
    ['ghes', { StringEquals: { repository_id: '1' } }, 'nobody'],
    ['gitlab', like('project_path:acme/*'), 'unit'],
    ['gitlab', { StringEquals: { project_path: 'acme/widgets' } }, 'nobody'],
    ['hcp-terraform', like('organization:acme:*'), 'unit'],
    ['hcp-terraform', like('organization:acme*'), 'tenant'],
    ['buildkite', { StringEquals: { build_branch: 'main' } }, 'tenant'],
    ['buildkite', { StringEquals: { organization_slug: 'acme' } }, 'unit'],
    ['bitbucket', null, 'unit'],
    ['eks', like('system:serviceaccount:*:widgets'), 'unit'],
    ['eks', like('system:serviceaccount:web:*'), 'inside'],
    ['vercel', like('owner:acme:project:*:environment:production'), 'unit'],
    ['github-audit-log', like('https://github.com/acme*'), 'tenant'],
    ['pulumi', { StringEquals: { aud: 'acme' } }, 'inside'],
    ['circleci-org', like('org/*'), 'unit'],
    ['circleci-root', like('org/*'), 'tenant'],
    ['unknown', like('*'), 'unit'],
  ])('finds who passes a policy of %s with %j: %s', (kind, condition, expected) => {
    expect(worst(sampleLogins(caseOf(kind, condition), 400, randomFrom('fixed')))).toBe(expected);
  });

  it('knows whom a policy names', () => {
    const placeOf = placesIn(caseOf('github', like(['repo:acme*/widgets:*', 'repo:x@77/*'])));
    const token = (tenant: string, unit: string, ids: readonly string[] = []) => ({
      tenant: { names: [tenant], ids },
      unit: { names: [unit], ids: [`${unit} id`] },
    });
    expect(placeOf(token('acme', 'widgets'))).toBe('inside');
    expect(placeOf(token('acme-evil', 'widgets'))).toBe('tenant');
    expect(placeOf(token('acme', 'site'))).toBe('unit');
    expect(placeOf(token('other', 'widgets', ['77']))).toBe('inside');
  });

  it.each(ISSUER_KINDS)('draws tokens of that issuer, of different owners: %s', (kind) => {
    const random = randomFrom('owners');
    const tokens = Array.from({ length: 50 }, () => randomToken(random, kind));
    for (const { claims } of tokens) expect(claims['iss']).toBe(`https://${WORLDS[kind].issuer}`);
    expect(new Set(tokens.map(({ tenant, unit }) => JSON.stringify([tenant, unit]))).size).toBeGreaterThan(3);
  });
});

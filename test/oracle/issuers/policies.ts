/** Random trust policies for a kind of issuer: as people write them, as they get them wrong, and with what nobody can decide. */
import type { Claims } from '../../../demo/aws/condition-keys';
import type { Random } from '../../support/random';
import { WORLDS } from './world';
import type { IssuerKind, Token, World, Written } from './world';

/** A provider, and the trust policy of a role as text. */
export interface IssuerCase {
  readonly kind: IssuerKind;
  /** Without `https://`: what condition keys begin with. */
  readonly issuer: string;
  /** Of Google: its host. */
  readonly providerArn: string;
  /** `ClientIDList`. Null for Google, whose provider is built in. */
  readonly audiences: readonly string[] | null;
  readonly text: string;
}

/** Whom a policy is about. */
interface Subject {
  readonly world: World;
  readonly arn: string;
  /** Of the tenant and the unit that are meant, with different branches and events. */
  readonly tokens: readonly [Token, ...Token[]];
  /** Of others. */
  readonly others: readonly [Token, ...Token[]];
  readonly mistakes: readonly [readonly Written[], ...(readonly Written[])[]];
  readonly random: Random;
}

const ACCOUNT = 'arn:aws:iam::123456789012';
const BRANCHES = ['main', 'main', 'main', 'release', 'feature/x', 'main-evil'] as const;

type Choice<T> = readonly [weight: number, make: () => T];

/** One of several, by weight. */
function choose<T>(random: Random, first: Choice<T>, ...others: readonly Choice<T>[]): T {
  const all = [first, ...others];
  let at = random.next() * all.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, make] of all) {
    at -= weight;
    if (at < 0) return make();
  }
  return first[1]();
}

/** One random policy. */
export function randomPolicy(random: Random, kind: IssuerKind): IssuerCase {
  const world = WORLDS[kind];
  const [tenant, unit] = [random.pick(world.tenants), random.pick(world.units)];
  const isBuiltIn = world.issuer === 'accounts.google.com';
  const providerArn = isBuiltIn ? world.issuer : `${ACCOUNT}:oidc-provider/${world.issuer}`;
  const audiences = audiencesOf(world, tenant, random);
  const mint = (of: string, project: string): Token =>
    world.mint({
      tenant: of,
      unit: project,
      name: random.pick(BRANCHES),
      audience: random.pick(audiences),
      random,
    });
  const [none, ...mistakes] = world.mistakes(tenant, unit);
  const text = documentOf({
    world,
    arn: providerArn,
    tokens: [mint(tenant, unit), mint(tenant, unit), mint(tenant, unit)],
    others: [
      mint(tenant, random.pick(world.units)),
      mint(random.pick(world.tenants), unit),
      mint(random.pick(world.tenants), random.pick(world.units)),
    ],
    mistakes: [none ?? [], ...mistakes],
    random,
  });
  return { kind, issuer: world.issuer, providerArn, audiences: isBuiltIn ? null : audiences, text };
}

/** If each tenant has its own audience, a provider may be for several. */
function audiencesOf(world: World, tenant: string, random: Random): readonly [string, ...string[]] {
  const [first, ...others] = world.audiences(tenant);
  if (!world.hasFixedAudience) return random.chance(0.6) ? [first] : [first, ...others];
  const more = random.chance(0.9) ? [0, 1, 2, 3].map(() => random.pick(world.tenants)) : [];
  return [first, ...new Set([...others, ...more.flatMap((one) => world.audiences(one))])];
}

function documentOf(subject: Subject): string {
  const { random } = subject;
  const statements = [
    statementOf(subject, 'Allow'),
    ...(random.chance(0.2) ? [statementOf(subject, 'Allow')] : []),
    ...(subject.world.isKnownBySubject === true && random.chance(0.6)
      ? [statementOf(subject, 'Allow', wholeSubject(subject))]
      : []),
    ...(random.chance(0.18) ? [statementOf(subject, 'Deny')] : []),
  ];
  const [only] = statements;
  return JSON.stringify({
    Version: random.chance(0.97) ? '2012-10-17' : '2008-10-17',
    Statement: statements.length === 1 && random.chance(0.4) ? only : statements,
  });
}

const wholeSubject = ({ tokens: [token] }: Subject): readonly Written[] => [claimEquals(token, 'sub')];

function statementOf(subject: Subject, effect: 'Allow' | 'Deny', conditions?: readonly Written[]): object {
  const { random, world, arn } = subject;
  const written =
    conditions ?? (effect === 'Allow' ? allowing(subject) : [conditionOf(subject, world, effect)]);
  const condition: Record<string, Record<string, unknown>> = {};
  for (const [operator, claim, values] of written) {
    // A name with a colon is a key of AWS or of another issuer.
    const key = claim.includes(':') ? claim : `${world.issuer}:${claim}`;
    condition[operator] = { ...condition[operator], [random.chance(0.03) ? key.toUpperCase() : key]: values };
  }
  return {
    Effect: effect,
    ...choose<object>(
      random,
      [40, () => ({ Principal: { Federated: arn } })],
      [3, () => ({ Principal: { Federated: [`${ACCOUNT}:oidc-provider/ci.example.net`, arn] } })],
      [effect === 'Deny' ? 10 : 1, () => ({ Principal: '*' })],
      [effect === 'Deny' ? 4 : 1, () => ({ Principal: { AWS: `${ACCOUNT}:root` } })],
      [1, () => ({ NotPrincipal: { AWS: `${ACCOUNT}:root` } })],
    ),
    Action: choose<unknown>(
      random,
      [20, () => 'sts:AssumeRoleWithWebIdentity'],
      [6, () => ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession']],
      [2, () => random.pick(['sts:*', '*', 'sts:Assume*', 'STS:assumerolewithwebidentity'])],
      [0.7, () => 'sts:AssumeRole'],
    ),
    ...(written.length === 0 ? {} : { Condition: condition }),
  };
}

/** Of a statement that allows: right, wrong in a known way, at random, or with something that is not known. */
function allowing(subject: Subject): readonly Written[] {
  const { random, world, mistakes, tokens } = subject;
  // Where each tenant has its own audience, a policy with it is hardly ever open.
  const audience = random.chance(world.hasFixedAudience && world.tenants.length > 1 ? 0.2 : 0.4)
    ? [claimEquals(tokens[0], tokens[0].claims['azp'] === undefined ? 'aud' : 'oaud')]
    : [];
  return choose<readonly Written[]>(
    random,
    [3, () => [...rightly(subject), ...audience]],
    [9, () => [...random.pick(mistakes), ...audience]],
    [
      5,
      () => Array.from({ length: random.pick([1, 1, 2, 2, 3]) }, () => conditionOf(subject, world, 'Allow')),
    ],
    [6, () => [...audience, undecidable(subject)]],
    [2, () => [...random.pick(mistakes), undecidable(subject)]],
    [0.5, () => [...rightly(subject), undecidable(subject)]],
  );
}

/** The whole subject, one whose end is open, or an id. */
function rightly({ random, tokens }: Subject): readonly Written[] {
  const token = random.pick(tokens);
  const subject = String(token.claims['sub']);
  const keys = mappedClaims(token.claims).filter((name) => /(_id|project-id|_number)$/.test(name));
  const [key, ...others] = keys;
  return choose<readonly Written[]>(
    random,
    [3, () => [['StringEquals', 'sub', tokens.map(({ claims }) => claims['sub'])]]],
    [2, () => [['StringLike', 'sub', openEnd(subject)]]],
    [key === undefined ? 0 : 3, () => [claimEquals(token, random.pick([key ?? 'sub', ...others]))]],
    [1, () => [['StringEquals', 'sub', subject]]],
  );
}

const claimEquals = ({ claims }: Token, name: string): Written => [
  'StringEquals',
  name,
  textOf(claims, name),
];

/** Everything up to the last two parts. */
const openEnd = (subject: string): string => subject.replace(/[:/][^:/]*[:/][^:/]*$/, ':*');

/** Claims with one value, but those that every token has. */
const mappedClaims = (claims: Claims): readonly string[] =>
  Object.keys(claims).filter(
    (name) => !['iss', 'aud', 'sub', 'jti'].includes(name) && typeof claims[name] !== 'object',
  );

/** As a policy would have it: of a structure the name of the first part. */
function textOf(claims: Claims, name: string): string {
  const [value] = [claims[name === 'oaud' ? 'aud' : name] ?? claims[name.split('/')[0] ?? '']].flat();
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : JSON.stringify(value ?? 'none');
}

function conditionOf(subject: Subject, world: World, effect: 'Allow' | 'Deny'): Written {
  const { random, tokens, others } = subject;
  const token = random.chance(0.75) ? random.pick(tokens) : random.pick(others);
  const claims = mappedClaims(token.claims);
  const [first = 'sub', ...rest] = claims;
  const absent = random.pick([world.absent[0] ?? 'iss', ...world.absent]);
  const written = (name: string): Written => [
    stringOperator(random),
    name,
    some(random, () => patternOf(textOf(token.claims, name), random)),
  ];
  return choose<Written>(
    random,
    [10, () => written('sub')],
    [3, () => written('aud')],
    [3, () => written(random.pick([first, ...rest]))],
    [2, () => [decoratedOperator(random), absent, patternOf(textOf(token.claims, absent), random)]],
    [
      1,
      () => [decoratedOperator(random), random.pick(['email', 'oaud', 'amr']), textOf(token.claims, 'aud')],
    ],
    [0.5, () => [decoratedOperator(random), 'ci.example.net:sub', textOf(token.claims, 'sub')]],
    [0.7, () => ['Null', random.pick(['sub', absent, first]), random.pick(['true', 'false'])]],
    [0.5, () => ['StringLike', 'sts:RoleSessionName', random.pick(['*', 'ci-*', 'deploy'])]],
    [0.3, () => ['Bool', 'sts:RoleAuthorizedByIdp', 'true']],
    [effect === 'Deny' ? 3 : 0.5, () => undecidable(subject)],
  );
}

/** What depends on the circumstances of the call, or is not documented. */
function undecidable({ random, tokens, arn }: Subject): Written {
  const subject = String(random.pick(tokens).claims['sub']);
  return choose<Written>(
    random,
    [
      4,
      () => [
        'IpAddress',
        'aws:SourceIp',
        random.pick<unknown>(['203.0.113.0/24', ['198.51.100.7', '2001:db8::/32']]),
      ],
    ],
    [1, () => ['DateLessThan', 'aws:CurrentTime', '2030-01-01T00:00:00Z']],
    [
      2,
      () => [
        'StringEquals',
        random.pick(['aws:PrincipalTag/team', 'aws:PrincipalOrgID', 'aws:userid']),
        'platform',
      ],
    ],
    [3, () => ['StringLike', 'sub', subject.replace(/[^:/]+$/, '${aws:PrincipalTag/team}')]],
    [2, () => ['StringLike', 'sub', '${aws:RequestTag/sub}*']],
    [1, () => ['ForAnyValue:StringLikeIfExists', 'email', '*@example.com']],
    [
      1,
      () => [random.pick(['StringStartsWith', 'BinaryEquals', 'ForSomeValues:StringLike']), 'sub', subject],
    ],
    [0.5, () => ['NumericEquals', 'sub', subject]],
    [0.3, () => ['ArnLike', 'aws:FederatedProvider', arn.split(':').slice(0, 2).join(':')]],
  );
}

const stringOperator = (random: Random): string => {
  const name = stringComparison(random);
  const set = choose(random, [14, () => ''], [1, () => 'ForAllValues:'], [1, () => 'ForAnyValue:']);
  return `${set}${name}${random.chance(0.08) ? 'IfExists' : ''}`;
};

/** Prefix and suffix matter most if the key is missing. */
const decoratedOperator = (random: Random): string =>
  `${random.pick(['', 'ForAllValues:', 'ForAnyValue:'])}${stringComparison(random)}${random.pick(['', '', 'IfExists'])}`;

const stringComparison = (random: Random): string =>
  choose(
    random,
    [6, () => 'StringLike'],
    [4, () => 'StringEquals'],
    [1, () => 'StringEqualsIgnoreCase'],
    [1, () => 'StringNotLike'],
    [1, () => 'StringNotEquals'],
    [0.3, () => 'StringNotEqualsIgnoreCase'],
  );

/** One value, or a list. */
function some(random: Random, make: () => string): unknown {
  const amount = random.pick([0, 0, 0, 1, 2, 2]);
  return amount === 0 ? make() : Array.from({ length: amount }, make);
}

/** A value that matches the text, or almost. */
function patternOf(text: string, random: Random): string {
  const parts = text.split(/([:/@])/);
  const at = random.between(0, Math.max(0, text.length - 1));
  const withPart = (change: (part: string) => string): string => {
    const index = 2 * random.between(0, (parts.length - 1) / 2);
    return parts.map((part, place) => (place === index ? change(part) : part)).join('');
  };
  return choose(
    random,
    [8, () => text],
    [5, () => withPart(() => '*')],
    [3, () => withPart((part) => `${part}*`)],
    [1, () => withPart((part) => `*${part}`)],
    [2, () => withPart((part) => part.replace(/.$/, '?'))],
    [3, () => openEnd(text)],
    [1.5, () => `${text.slice(0, at)}*`],
    [1.5, () => `*${text.slice(at)}`],
    [1, () => text.slice(0, at) + random.pick(['?', '*', 'x']) + text.slice(at + 1)],
    [0.7, () => random.pick(['*', '?*', '**', ''])],
    [0.5, () => text.toUpperCase()],
    [0.5, () => text.replace(/[:@]/, '*')],
  );
}

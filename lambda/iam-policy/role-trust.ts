/** One role seen from one CircleCI provider: how each of its statements comes out. */
import { canSatisfy, outsideOf, reachBeyond, reachOfForks } from './reachability';
import type { Outside, Policy, Reach } from './reachability';
import type { Bearing } from './evaluate';
import { stepLimit } from './step-limit';
import type { StepLimit } from './step-limit';
import { admitsAnyone } from './other-providers';
import type { Flavour } from './tokens';

/** An Allow statement, judged. */
export interface JudgedStatement {
  readonly bearing: Bearing;
  /** The flavours of token that can satisfy it. Both where that could not be told. */
  readonly flavours: readonly Flavour[];
  /** For projects that the policy does not name. */
  readonly projects: Reach;
  /** For orgs that it does not name; closed where the issuer has one org only. */
  readonly orgs: Reach;
  /** Somebody with a token of any web identity provider passes, not only with one of this provider. */
  readonly anyone: boolean;
}

/** A role's Allow statements for a provider's tokens. */
export interface RoleTrust {
  readonly policy: Policy & { readonly limit: StepLimit };
  readonly statements: readonly JudgedStatement[];
}

const CLOSED: Reach = { kind: 'closed' };
const FLAVOURS: readonly Flavour[] = ['V1', 'V2'];

/** Judges every Allow statement. */
export function judgeStatements({ limit = stepLimit(), ...rest }: Policy): RoleTrust {
  const policy = { ...rest, limit };
  const outside = outsideOf(policy);
  const allowing = policy.bearings.filter(({ statement }) => statement.effect === 'Allow');
  return { policy, statements: allowing.map((bearing) => judgeStatement(policy, bearing, outside)) };
}

function judgeStatement(policy: RoleTrust['policy'], bearing: Bearing, outside: Outside): JudgedStatement {
  const { source, bearings, limit } = policy;
  const projects = reachBeyond(policy, bearing, 'project', outside);
  return {
    bearing,
    flavours: FLAVOURS.filter((flavour) => canSatisfy(source, bearing, flavour, limit) !== false),
    projects,
    orgs: source.org === null ? reachBeyond(policy, bearing, 'org', outside) : CLOSED,
    anyone: admitsAnyone(bearing, bearings, limit),
  };
}

/** Some token can satisfy it. */
export const isAlive = ({ flavours }: JudgedStatement): boolean => flavours.length > 0;

/** No token of a project or org that the policy does not name passes, and that is certain. */
export const isScoped = ({ statements }: RoleTrust): boolean =>
  statements.some(isAlive) &&
  statements.every(
    ({ projects, orgs, anyone }) => projects.kind === 'closed' && orgs.kind === 'closed' && !anyone,
  );

/** Scoped to projects, but to no origin: builds of any ref, of any fork, pass. */
export const isOpenToForks = (trust: RoleTrust): boolean =>
  isScoped(trust) &&
  trust.statements.some(
    ({ bearing, flavours }) => reachOfForks(trust.policy, bearing, flavours).kind === 'open',
  );

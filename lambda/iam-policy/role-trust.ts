/** One role for one CircleCI provider: the evaluation of each of its statements. */
import { canSatisfy, outsideOf, reachabilityBeyond, reachabilityOfForks } from './reachability';
import type { Outside, PolicyOfProvider, Reachability } from './reachability';
import type { ApplicableStatement } from './evaluate';
import { stepLimit } from './step-limit';
import type { StepLimit } from './step-limit';
import { admitsAnyone } from './other-providers';
import type { Flavour } from './tokens';

/** An Allow statement, evaluated. */
export interface EvaluatedStatement {
  readonly applied: ApplicableStatement;
  /** The flavours of token that can satisfy it. Both if that could not be decided. */
  readonly flavours: readonly Flavour[];
  /** For projects that the policy does not name. */
  readonly projects: Reachability;
  /** For orgs that it does not name; closed if the issuer has one org only. */
  readonly orgs: Reachability;
  /** A token of any web identity provider passes, not only one of this provider. */
  readonly anyone: boolean;
}

/** A role's Allow statements for a provider's tokens. */
export interface RoleTrust {
  readonly policy: PolicyOfProvider & { readonly limit: StepLimit };
  readonly statements: readonly EvaluatedStatement[];
}

const CLOSED: Reachability = { kind: 'closed' };
const FLAVOURS: readonly Flavour[] = ['V1', 'V2'];

/** Evaluates every Allow statement. */
export function evaluateStatements({ limit = stepLimit(), ...rest }: PolicyOfProvider): RoleTrust {
  const policy = { ...rest, limit };
  const outside = outsideOf(policy);
  const allowing = policy.applicable.filter(({ statement }) => statement.effect === 'Allow');
  return { policy, statements: allowing.map((statement) => evaluateStatement(policy, statement, outside)) };
}

function evaluateStatement(
  policy: RoleTrust['policy'],
  statement: ApplicableStatement,
  outside: Outside,
): EvaluatedStatement {
  const { source, applicable, limit } = policy;
  const projects = reachabilityBeyond(policy, statement, 'project', outside);
  return {
    applied: statement,
    flavours: FLAVOURS.filter((flavour) => canSatisfy(source, statement, flavour, limit) !== false),
    projects,
    orgs: source.org === null ? reachabilityBeyond(policy, statement, 'org', outside) : CLOSED,
    anyone: admitsAnyone(statement, applicable, limit),
  };
}

/** Whether some token can satisfy it. */
export const isAlive = ({ flavours }: EvaluatedStatement): boolean => flavours.length > 0;

/** Whether certainly no token of a project or org that the policy does not name passes. */
export const isScoped = ({ statements }: RoleTrust): boolean =>
  statements.some(isAlive) &&
  statements.every(
    ({ projects, orgs, anyone }) => projects.kind === 'closed' && orgs.kind === 'closed' && !anyone,
  );

/**
 * Whether a policy that is scoped to projects is scoped to no origin: builds of any ref, of any fork, pass.
 * `trust`: `isScoped` holds for it. `forks`: the same policy, applied to tokens with ASCII subjects. A fork's subject is ASCII, so what is unknown of other letters
 * is not unknown here.
 */
export const isOpenToForks = (trust: RoleTrust, forks: PolicyOfProvider): boolean =>
  trust.statements.some(({ applied, flavours }) =>
    forks.applicable.some(
      (own) =>
        own.statement === applied.statement && reachabilityOfForks(forks, own, flavours).kind === 'open',
    ),
  );

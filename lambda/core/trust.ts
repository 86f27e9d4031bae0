/** The trust around one provider: which roles trust it, what is wrong with their policies, and with itself. */
import { judgeConditions } from './trust/condition-findings';
import { isDeployName, judgeDeployRole } from './trust/deploy-roles';
import type { Finding, Role, Target } from './domain';
import { bearingOn } from './trust/policy-evaluator';
import { judgeProvider } from './trust/provider-findings';
import { isOpenToForks, judgeStatements } from './trust/role-trust';
import type { RoleTrust } from './trust/role-trust';
import { judgeScope } from './trust/scope-findings';
import { tokenSource } from './trust/tokens';
import type { TokenSource } from './trust/tokens';
import { rolesOfIssuer, rolesTrusting } from './trust/trust-index';
import type { ReadRole, TrustIndex } from './trust/trust-index';

/** What is asked about one target. */
export interface TrustQuestion {
  readonly target: Target;
  readonly configuredIssuers: readonly string[];
  /** False: it was deleted during the run. */
  readonly exists: boolean;
  /** `ClientIDList`; null: not known, or no provider. */
  readonly audiences: readonly string[] | null;
  /** The account's other providers for the same org. */
  readonly twins: readonly string[];
  /** Null: roles were not read. */
  readonly index: TrustIndex | null;
}

/** The answer for one target. */
export interface TargetTrust {
  /** ARNs, sorted. */
  readonly roles: readonly string[];
  readonly findings: readonly Finding[];
  /** Scoped to projects but to no origin, and of a harmless name: their policies decide about TRUST005. */
  readonly candidates: readonly Role[];
  /** Null where it is not CircleCI's. */
  readonly source: TokenSource | null;
}

/** Judges one target's trust. Roles of issuers that are not CircleCI's are listed, and their policies left alone. */
export function judgeTrust(question: TrustQuestion): TargetTrust {
  const { target, configuredIssuers, exists, audiences, twins, index } = question;
  const arn = target.providerArn;
  const source = tokenSource(target.issuer, configuredIssuers, audiences);
  if (arn === null) {
    const lost = index === null ? [] : rolesOfIssuer(index, target.issuer);
    return { roles: arnsOf(lost), findings: [], candidates: [], source };
  }
  const reads = index === null ? [] : rolesTrusting(index, arn);
  const judged = source === null ? [] : reads.map((read) => judgeRole(read, source, arn));
  const roles = arnsOf(reads);
  const provider = judgeProvider({
    arn,
    source,
    audiences,
    twins,
    roles: index === null ? null : roles,
    openToAll: judged.filter(({ openToAll }) => openToAll).map(({ role }) => role.arn),
  });
  return {
    roles,
    findings: [...(exists ? provider : []), ...judged.flatMap(({ findings }) => findings)],
    candidates: judged.filter(({ candidate }) => candidate).map(({ role }) => role),
    source,
  };
}

const arnsOf = (reads: readonly ReadRole[]): readonly string[] =>
  [...new Set(reads.map(({ role }) => role.arn))].sort();

interface JudgedRole {
  readonly role: Role;
  readonly findings: readonly Finding[];
  readonly openToAll: boolean;
  readonly candidate: boolean;
}

function judgeRole({ role, policy }: ReadRole, source: TokenSource, providerArn: string): JudgedRole {
  const about = (findings: readonly Finding[]): readonly Finding[] =>
    findings.map((finding) => ({ ...finding, subject: role.arn }));
  // What could not be parsed is a finding of the account: it is about every provider.
  const bearings = bearingOn(policy.statements, source, providerArn);
  const trust = judgeStatements({ source, bearings });
  const openToForks = isOpenToForks(trust);
  return {
    role,
    findings: about([
      ...judgeScope(role.arn, trust),
      ...judgeConditions(role.arn, trust),
      ...(openToForks ? judgeDeployRole(role, null, source) : []),
    ]),
    openToAll: isOpenToAll(trust),
    candidate: openToForks && !isDeployName(role),
  };
}

const isOpenToAll = ({ statements }: RoleTrust): boolean =>
  statements.some(({ orgs, anyone }) => anyone || orgs.kind === 'open');

/** What the monitor would report of a role after its deployment, before it: errors at synth, or warnings. */
import { Annotations, Token } from 'aws-cdk-lib';
import type { aws_iam as iam } from 'aws-cdk-lib';
import { indexRoles } from '../../lambda/checks/trust/role-index';
import { rolesToEvaluate } from '../../lambda/checks/trust/trust';
import { evaluateRole } from '../../lambda/checks/trust/role';
import { CONTROL_POLICIES } from '../../lambda/checks/trust/words';
import { atLeast } from '../../lambda/domain/severity';
import type { Finding } from '../../lambda/domain/types';
import { isAdministrator } from './any-ref-warning';
import { arnBeforeDeployment, providerArnOf, trustPolicyOf } from './trust-policy';

/** A role that does not exist yet. */
export interface PlannedRole {
  readonly issuer: string;
  readonly audience: string;
  /** Of one statement each. */
  readonly conditions: readonly iam.Conditions[];
  readonly rights: Pick<iam.RoleProps, 'roleName' | 'managedPolicies'>;
}

/** How severe they are depends on the rights of the role, and they may be intended. What to do, as a sentence. */
const WARNINGS: ReadonlyMap<string, string> = new Map([
  [
    'TRUST005',
    'Name those that need the role: refs without a wildcard for all of them, an environment, or one run phase.',
  ],
  ['TRUST008', 'Set projectId or pipelineId: ids are never given to somebody else.'],
  ['TRUST010', 'Remove plan from runPhases, and use a role with fewer rights for plans.'],
]);

/** The findings of the monitor about a role, as sentences. */
export interface OwnFindings {
  /** With them the role must not be created. */
  readonly errors: readonly string[];
  readonly warnings: readonly (readonly [check: string, message: string])[];
}

/** Evaluates a role as the monitor will do. Findings for information are left out. */
export function ownFindings(planned: PlannedRole): OwnFindings {
  const { name, findings, isCut } = evaluate(planned);
  const reported = findings.filter(({ severity }) => atLeast(severity, 'low'));
  const words = ({ check, message }: Finding): string =>
    `${check}: ${withoutArn(message, arnBeforeDeployment(`role/${name}`))}`;
  return {
    errors: [
      ...reported.filter(({ check }) => !WARNINGS.has(check)).map(words),
      ...(isCut ? ['The trust policy is too long to be evaluated. Create several roles.'] : []),
    ],
    warnings: reported.flatMap((finding) => {
      const advice = WARNINGS.get(finding.check);
      return advice === undefined ? [] : [[finding.check, `${words(finding)} ${advice}`] as const];
    }),
  };
}

interface Evaluation {
  readonly name: string;
  readonly findings: readonly Finding[];
  readonly isCut: boolean;
}

function evaluate({ issuer, audience, conditions, rights }: PlannedRole): Evaluation {
  const { roleName, managedPolicies = [] } = rights;
  const name = roleName === undefined || Token.isUnresolved(roleName) ? 'role' : roleName;
  const role = {
    name,
    arn: arnBeforeDeployment(`role/${name}`),
    trustPolicy: trustPolicyOf(issuer, conditions),
  };
  const evaluated = rolesToEvaluate({
    target: { issuer, providerArn: providerArnOf(issuer), configured: true },
    exists: true,
    audiences: [audience],
    sameOrg: [],
    index: indexRoles([role]),
  }).map(evaluateRole);
  const attached = managedPolicies.some(isAdministrator)
    ? ['arn:aws:iam::aws:policy/AdministratorAccess']
    : [];
  return {
    name,
    findings: evaluated.flatMap(({ findings, candidate }) => candidate?.findingsWith(attached) ?? findings),
    isCut: evaluated.length === 0 || evaluated.some((one) => one.isCut),
  };
}

/** The ARN is known only at deployment. */
const withoutArn = (message: string, arn: string): string =>
  message
    .replaceAll(CONTROL_POLICIES, '')
    .trim()
    .replaceAll(arn, 'the role')
    .replace(/^the role/, 'The role');

/** Shows warnings at synth. */
export function showWarnings(role: iam.Role, { warnings }: OwnFindings): void {
  for (const [check, message] of warnings) {
    Annotations.of(role).addWarningV2(`thumbprint-drift-monitor:${check.toLowerCase()}`, message);
  }
}

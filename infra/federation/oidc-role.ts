/** A role that workloads of GitHub Actions, GitLab, HCP Terraform, Buildkite or Kubernetes can assume, as a construct. */
import { Stack, aws_iam as iam } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ConfigError } from '../../lambda/domain/errors';
import { isTooLong, warnOfLength } from './length-warning';
import type { OidcRoleProps } from './oidc-props';
import { ownFindings, showWarnings } from './own-findings';
import { validateOidc } from './validate-oidc';
import type { ValidatedOidc } from './validate-oidc';

const SHORTER = 'Create several roles, or name fewer refs: one * may end a ref.';

/**
 * Trusts the tokens that `trust` names, by `aud`, `sub` and ids: one statement for each repository, project, workspace,
 * pipeline or service account. The conditions are made of the same data as the monitor's checks, and evaluated by them at
 * synth. What its sessions may do is yours to define: `managedPolicies`, `inlinePolicies`, any `grant*` of the CDK. Throws
 * ConfigError at synth, naming every problem of the props, one a line. Statements that you add are not evaluated at synth.
 */
export class OidcRole extends iam.Role {
  constructor(scope: Construct, id: string, props: OidcRoleProps) {
    const { provider, issuer, audience, trust, ...role } = props;
    const validated = validateOidc(props, Stack.of(scope).account);
    if (!validated.ok) throw new ConfigError(validated.problems.join('\n'));
    if (isTooLong(validated.value.issuer, validated.value.conditions)) {
      throw new ConfigError(
        `trust: the trust policy has more than the 4,096 characters that IAM accepts. ${SHORTER}`,
      );
    }
    const findings = ownFindings({ ...validated.value, rights: role });
    if (findings.errors.length > 0) {
      throw new ConfigError(findings.errors.map((error) => `trust: ${error}`).join('\n'));
    }
    super(scope, id, { ...role, assumedBy: principalOf(validated.value) });
    showWarnings(this, findings);
    warnOfLength(this, validated.value.issuer, validated.value.conditions, SHORTER);
  }
}

const principalOf = ({ providerArn, conditions }: ValidatedOidc): iam.CompositePrincipal =>
  new iam.CompositePrincipal(...conditions.map((one) => new iam.WebIdentityPrincipal(providerArn, one)));

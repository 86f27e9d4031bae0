/** Which policies a role has: https://docs.aws.amazon.com/IAM/latest/APIReference/ */
import { AwsFault } from './fault';
import type { Parameters } from './form';
import { requireValue } from './iam-limits';
import { pageOf, truncation } from './paging';
import { requireRole, withRole } from './roles';
import type { Action } from './store';

/** Attaching what is attached changes nothing. Whether the policy exists is not looked up. */
export const attachPolicy: Action = (state, parameters) => {
  const { name, role } = requireRole(state, parameters);
  const policies = [...new Set([...role.policies, requirePolicyArn(parameters)])];
  return { state: withRole(state, name, { ...role, policies }) };
};

/** What is not attached cannot be detached. */
export const detachPolicy: Action = (state, parameters) => {
  const { name, role } = requireRole(state, parameters);
  const arn = requirePolicyArn(parameters);
  if (!role.policies.includes(arn)) throw new AwsFault('NoSuchEntity', 404, `Policy ${arn} was not found.`);
  const policies = role.policies.filter((each) => each !== arn);
  return { state: withRole(state, name, { ...role, policies }) };
};

/** The managed policies of a role. */
export const listAttachedPolicies: Action = (state, parameters) => {
  const { role } = requireRole(state, parameters);
  const { page, marker } = pageOf(role.policies, parameters);
  const attached = page.map((arn) => ({ PolicyName: arn.replace(/^.*\//, ''), PolicyArn: arn }));
  return { state, result: { AttachedPolicies: attached, ...truncation(marker) } };
};

/** Inline policies are not known here, so there are none. */
export const listPolicyNames: Action = (state, parameters) => {
  requireRole(state, parameters);
  return { state, result: { PolicyNames: [], ...truncation(undefined) } };
};

/** Instances are not known here, so no role belongs to one. */
export const listInstanceProfiles: Action = (state, parameters) => {
  requireRole(state, parameters);
  return { state, result: { InstanceProfiles: [], ...truncation(undefined) } };
};

function requirePolicyArn(parameters: Parameters): string {
  const arn = requireValue(parameters, 'PolicyArn');
  if (!/^arn:aws:iam::(aws|\d{12}):policy\/./.test(arn)) {
    throw new AwsFault('InvalidInput', 400, `ARN ${arn} is not valid.`);
  }
  return arn;
}

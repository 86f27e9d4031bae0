/** IAM's role actions, as far as the monitor reads roles: https://docs.aws.amazon.com/IAM/latest/APIReference/ */
import { AwsFault } from './fault';
import { requireValue } from './form';
import type { Parameters } from './form';
import { ACCOUNT } from './store';
import type { Action, State, StoredRole } from './store';
import type { Xml } from './xml';

/** The trust policy is stored as it is: STS evaluates it at a login. */
export const createRole: Action = (state, parameters, { now }) => {
  const name = requireValue(parameters, 'RoleName');
  if (state.roles.has(name)) {
    throw new AwsFault('EntityAlreadyExists', 409, `Role with name ${name} already exists.`);
  }
  const role: StoredRole = {
    path: parameters['Path'] ?? '/',
    trustPolicy: requireValue(parameters, 'AssumeRolePolicyDocument'),
    policies: [],
    createDate: now,
  };
  return { state: withRole(state, name, role), result: { Role: roleXml(name, role) } };
};

/** Pages of `MaxItems`, by name. */
export const listRoles: Action = (state, parameters) => {
  const roles = [...state.roles].sort(([a], [b]) => (a < b ? -1 : 1));
  const { members, ...truncation } = pageOf(roles, parameters);
  return { state, result: { Roles: members.map(([name, role]) => roleXml(name, role)), ...truncation } };
};

/** Whether the policy exists is not looked up. */
export const attachPolicy: Action = (state, parameters) => {
  const { name, role } = requireRole(state, parameters);
  const policies = [...role.policies, requireValue(parameters, 'PolicyArn')];
  return { state: withRole(state, name, { ...role, policies }) };
};

/** The managed policies of a role. */
export const listAttachedPolicies: Action = (state, parameters) => {
  const { members, ...truncation } = pageOf(requireRole(state, parameters).role.policies, parameters);
  const attached = members.map((arn) => ({ PolicyName: arn.replace(/^.*\//, ''), PolicyArn: arn }));
  return { state, result: { AttachedPolicies: attached, ...truncation } };
};

/** `AssumeRolePolicyDocument` comes back percent-encoded by RFC 3986, whatever form it was sent in. */
const roleXml = (name: string, { path, trustPolicy, createDate }: StoredRole): Xml => ({
  Path: path,
  RoleName: name,
  Arn: `arn:aws:iam::${ACCOUNT}:role${path}${name}`,
  CreateDate: createDate,
  AssumeRolePolicyDocument: encodeURIComponent(trustPolicy),
});

const withRole = (state: State, name: string, role: StoredRole): State => ({
  ...state,
  roles: new Map([...state.roles, [name, role]]),
});

/** Throws ValidationError, NoSuchEntity. */
function requireRole(state: State, parameters: Parameters): { name: string; role: StoredRole } {
  const name = requireValue(parameters, 'RoleName');
  const role = state.roles.get(name);
  if (role === undefined) {
    throw new AwsFault('NoSuchEntity', 404, `The role with name ${name} cannot be found.`);
  }
  return { name, role };
}

interface Page<T> {
  readonly members: readonly T[];
  readonly IsTruncated: string;
  /** Leads to the next page. */
  readonly Marker: string | undefined;
}

/** `MaxItems` entries (by default 100, at most 1,000) from `Marker` on. Throws ValidationError. */
function pageOf<T>(all: readonly T[], { Marker = '0', MaxItems = '100' }: Parameters): Page<T> {
  if (!/^\d+$/.test(Marker) || !/^([1-9]\d{0,2}|1000)$/.test(MaxItems)) {
    throw new AwsFault('ValidationError', 400, 'Marker or MaxItems is not valid.');
  }
  const end = Number(Marker) + Number(MaxItems);
  const isTruncated = end < all.length;
  return {
    members: all.slice(Number(Marker), end),
    IsTruncated: String(isTruncated),
    Marker: isTruncated ? String(end) : undefined,
  };
}

/** IAM's role actions, as far as trust goes: https://docs.aws.amazon.com/IAM/latest/APIReference/ */
import { AwsFault } from './fault';
import type { Parameters } from './form';
import { constraint, requireDocument, requireValue } from './iam-limits';
import { pageOf, truncation } from './paging';
import { ACCOUNT } from './store';
import type { Action, State, StoredRole } from './store';
import type { Xml } from './xml';

/** The trust policy must be JSON; its content is evaluated at login. */
export const createRole: Action = (state, parameters, { now, newId }) => {
  const name = requireName(parameters);
  const path = parameters['Path'] ?? '/';
  const trustPolicy = requireTrustPolicy(parameters, 'AssumeRolePolicyDocument');
  const maxSessionSeconds = requireMaxSession(parameters);
  if (state.roles.has(name)) {
    throw new AwsFault('EntityAlreadyExists', 409, `Role with name ${name} already exists.`);
  }
  const id = `AROA${newId().replaceAll('-', '').slice(0, 17).toUpperCase()}`;
  const role: StoredRole = { path, id, trustPolicy, policies: [], maxSessionSeconds, createDate: now };
  return { state: withRole(state, name, role), result: { Role: roleXml(name, role) } };
};

/** One role, with its trust policy. */
export const getRole: Action = (state, parameters) => {
  const { name, role } = requireRole(state, parameters);
  return { state, result: { Role: roleXml(name, role) } };
};

/** Pages of `MaxItems` (by default 100, at most 1,000), by name. */
export const listRoles: Action = (state, parameters) => {
  const roles = [...state.roles].sort(([a], [b]) => (a < b ? -1 : 1));
  const { page, marker } = pageOf(roles, parameters);
  return {
    state,
    result: { Roles: page.map(([name, role]) => roleXml(name, role)), ...truncation(marker) },
  };
};

/** What policies are attached must be detached before. */
export const deleteRole: Action = (state, parameters) => {
  const { name, role } = requireRole(state, parameters);
  if (role.policies.length > 0) {
    throw new AwsFault('DeleteConflict', 409, 'Cannot delete entity, must detach all policies first.');
  }
  return { state: { ...state, roles: new Map([...state.roles].filter(([key]) => key !== name)) } };
};

/** Replaces the trust policy. */
export const updateTrustPolicy: Action = (state, parameters) => {
  const { name, role } = requireRole(state, parameters);
  return {
    state: withRole(state, name, { ...role, trustPolicy: requireTrustPolicy(parameters, 'PolicyDocument') }),
  };
};

/** `AssumeRolePolicyDocument` comes back percent-encoded by RFC 3986, whatever form it was sent in. */
const roleXml = (
  name: string,
  { path, id, trustPolicy, maxSessionSeconds, createDate }: StoredRole,
): Xml => ({
  Path: path,
  RoleName: name,
  RoleId: id,
  Arn: `arn:aws:iam::${ACCOUNT}:role${path}${name}`,
  CreateDate: createDate,
  AssumeRolePolicyDocument: encodeURIComponent(trustPolicy),
  MaxSessionDuration: String(maxSessionSeconds),
});

/** The account with a role as it is now. */
export const withRole = (state: State, name: string, role: StoredRole): State => ({
  ...state,
  roles: new Map([...state.roles, [name, role]]),
});

/** The role that a call names. Throws ValidationError, NoSuchEntity. */
export function requireRole(state: State, parameters: Parameters): { name: string; role: StoredRole } {
  const name = requireName(parameters);
  const role = state.roles.get(name);
  if (role === undefined) {
    throw new AwsFault('NoSuchEntity', 404, `The role with name ${name} cannot be found.`);
  }
  return { name, role };
}

function requireName(parameters: Parameters): string {
  const name = requireValue(parameters, 'RoleName');
  if (!/^[\w+=,.@-]{1,64}$/.test(name)) {
    throw new AwsFault('ValidationError', 400, `The specified value for roleName is invalid: ${name}`);
  }
  return name;
}

/** Of an account whose quotas nobody has raised: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MAX_TRUST_POLICY = 2_048;

/** White space outside texts does not count. */
function requireTrustPolicy(parameters: Parameters, name: string): string {
  const document = requireDocument(parameters, name);
  if (JSON.stringify(JSON.parse(document)).length <= MAX_TRUST_POLICY) return document;
  throw new AwsFault('LimitExceeded', 409, `Cannot exceed quota for ACLSizePerRole: ${MAX_TRUST_POLICY}`);
}

/** One hour to twelve: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html */
function requireMaxSession({ MaxSessionDuration: text = '3600' }: Parameters): number {
  const seconds = Number(text);
  if (/^\d{1,5}$/.test(text) && seconds >= 3_600 && seconds <= 43_200) return seconds;
  throw constraint('MaxSessionDuration', `'${text}'`, 'Member must have value from 3600 to 43200');
}

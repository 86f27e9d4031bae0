/** IAM's role actions, as far as trust goes: https://docs.aws.amazon.com/IAM/latest/APIReference/ */
import { AwsFault } from './fault';
import type { Parameters } from './form';
import { requireValue } from './iam-limits';
import { ACCOUNT } from './store';
import type { Action, State, StoredRole } from './store';
import type { Xml } from './xml';

/** The trust policy must be JSON; what it says is for the one who logs in to find out. */
export const createRole: Action = (state, parameters, { now, newId }) => {
  const name = requireName(parameters);
  const path = parameters['Path'] ?? '/';
  const trustPolicy = requireDocument(parameters);
  if (state.roles.has(name)) {
    throw new AwsFault('EntityAlreadyExists', 409, `Role with name ${name} already exists.`);
  }
  const id = `AROA${newId().replaceAll('-', '').slice(0, 17).toUpperCase()}`;
  const role: StoredRole = { path, id, trustPolicy, policies: [], createDate: now };
  return { state: withRole(state, name, role), result: { Role: roleXml(name, role) } };
};

/** One role, with its trust policy. */
export const getRole: Action = (state, parameters) => {
  const { name, role } = requireRole(state, parameters);
  return { state, result: { Role: roleXml(name, role) } };
};

/** Pages of `MaxItems` (100 unless told, at most 1,000), by name. */
export const listRoles: Action = (state, parameters) => {
  const roles = [...state.roles].sort(([a], [b]) => (a < b ? -1 : 1));
  const { page, marker } = pageOf(roles, parameters);
  return {
    state,
    result: { Roles: page.map(([name, role]) => roleXml(name, role)), ...truncation(marker) },
  };
};

/** Attaching what is attached changes nothing. Whether the policy exists is not looked up. */
export const attachPolicy: Action = (state, parameters) => {
  const { name, role } = requireRole(state, parameters);
  const arn = requireValue(parameters, 'PolicyArn');
  if (!/^arn:aws:iam::(aws|\d{12}):policy\/./.test(arn)) {
    throw new AwsFault('InvalidInput', 400, `ARN ${arn} is not valid.`);
  }
  const policies = [...new Set([...role.policies, arn])];
  return { state: withRole(state, name, { ...role, policies }) };
};

/** The managed policies of a role. */
export const listAttachedPolicies: Action = (state, parameters) => {
  const { role } = requireRole(state, parameters);
  const { page, marker } = pageOf(role.policies, parameters);
  const attached = page.map((arn) => ({ PolicyName: arn.replace(/^.*\//, ''), PolicyArn: arn }));
  return { state, result: { AttachedPolicies: attached, ...truncation(marker) } };
};

/** `AssumeRolePolicyDocument` comes back percent-encoded by RFC 3986, whatever form it was sent in. */
const roleXml = (name: string, { path, id, trustPolicy, createDate }: StoredRole): Xml => ({
  Path: path,
  RoleName: name,
  RoleId: id,
  Arn: `arn:aws:iam::${ACCOUNT}:role${path}${name}`,
  CreateDate: createDate,
  AssumeRolePolicyDocument: encodeURIComponent(trustPolicy),
  MaxSessionDuration: '3600',
});

const withRole = (state: State, name: string, role: StoredRole): State => ({
  ...state,
  roles: new Map([...state.roles, [name, role]]),
});

function requireRole(state: State, parameters: Parameters): { name: string; role: StoredRole } {
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

function requireDocument(parameters: Parameters): string {
  const document = requireValue(parameters, 'AssumeRolePolicyDocument');
  try {
    JSON.parse(document);
    return document;
  } catch {
    throw new AwsFault('MalformedPolicyDocument', 400, 'This policy contains invalid Json');
  }
}

interface Page<T> {
  readonly page: readonly T[];
  readonly marker: string | undefined;
}

function pageOf<T>(all: readonly T[], { Marker: from = '0', MaxItems: most = '100' }: Parameters): Page<T> {
  if (!/^\d{1,9}$/.test(from) || !/^([1-9]\d{0,2}|1000)$/.test(most)) {
    throw new AwsFault('ValidationError', 400, 'Marker or MaxItems is not valid.');
  }
  const end = Number(from) + Number(most);
  return { page: all.slice(Number(from), end), marker: end < all.length ? String(end) : undefined };
}

const truncation = (marker: string | undefined): Readonly<Record<string, Xml | undefined>> => ({
  IsTruncated: String(marker !== undefined),
  Marker: marker,
});

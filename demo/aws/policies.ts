/** IAM's managed policies, as far as Terraform asks for them: https://docs.aws.amazon.com/IAM/latest/APIReference/ */
import { AwsFault } from './fault';
import type { Parameters } from './form';
import { requireDocument, requireValue } from './iam-limits';
import { truncation } from './paging';
import { ACCOUNT } from './store';
import type { Action, State, StoredPolicy } from './store';
import type { Xml } from './xml';

/** Policies are never updated here, so there is one version. */
const VERSION = 'v1';

/** The permissions of the policy have no effect: nothing here denies a caller anything. */
export const createPolicy: Action = (state, parameters, { now, newId }) => {
  const name = requireValue(parameters, 'PolicyName');
  const path = parameters['Path'] ?? '/';
  const document = requireDocument(parameters, 'PolicyDocument');
  const arn = `arn:aws:iam::${ACCOUNT}:policy${path}${name}`;
  if (state.policies.has(arn)) {
    throw new AwsFault('EntityAlreadyExists', 409, `A policy called ${name} already exists.`);
  }
  const id = `ANPA${newId().replaceAll('-', '').slice(0, 17).toUpperCase()}`;
  const policy: StoredPolicy = { name, path, id, document, createDate: now };
  const policies = new Map([...state.policies, [arn, policy]]);
  return { state: { ...state, policies }, result: { Policy: policyXml(state, arn, policy) } };
};

/** The metadata of a policy, without its document. */
export const getPolicy: Action = (state, parameters) => {
  const { arn, policy } = requirePolicy(state, parameters);
  return { state, result: { Policy: policyXml(state, arn, policy) } };
};

/** The document comes back percent-encoded by RFC 3986. */
export const getPolicyVersion: Action = (state, parameters) => {
  const { policy } = requirePolicy(state, parameters);
  if (requireValue(parameters, 'VersionId') !== VERSION) {
    throw new AwsFault('NoSuchEntity', 404, 'This policy version does not exist.');
  }
  const version = { ...versionXml(policy), Document: encodeURIComponent(policy.document) };
  return { state, result: { PolicyVersion: version } };
};

/** One. */
export const listPolicyVersions: Action = (state, parameters) => {
  const { policy } = requirePolicy(state, parameters);
  return { state, result: { Versions: [versionXml(policy)], ...truncation(undefined) } };
};

/** It must be detached from every role before. */
export const deletePolicy: Action = (state, parameters) => {
  const { arn } = requirePolicy(state, parameters);
  if (attachments(state, arn) > 0) {
    throw new AwsFault('DeleteConflict', 409, 'Cannot delete a policy attached to entities.');
  }
  return { state: { ...state, policies: new Map([...state.policies].filter(([key]) => key !== arn)) } };
};

const attachments = ({ roles }: State, arn: string): number =>
  [...roles.values()].filter(({ policies }) => policies.includes(arn)).length;

const policyXml = (state: State, arn: string, { name, path, id, createDate }: StoredPolicy): Xml => ({
  PolicyName: name,
  PolicyId: id,
  Arn: arn,
  Path: path,
  DefaultVersionId: VERSION,
  AttachmentCount: String(attachments(state, arn)),
  IsAttachable: 'true',
  CreateDate: createDate,
  UpdateDate: createDate,
});

const versionXml = ({ createDate }: StoredPolicy): Readonly<Record<string, Xml>> => ({
  VersionId: VERSION,
  IsDefaultVersion: 'true',
  CreateDate: createDate,
});

function requirePolicy(state: State, parameters: Parameters): { arn: string; policy: StoredPolicy } {
  const arn = requireValue(parameters, 'PolicyArn');
  const policy = state.policies.get(arn);
  if (policy === undefined) throw new AwsFault('NoSuchEntity', 404, `Policy ${arn} was not found.`);
  return { arn, policy };
}

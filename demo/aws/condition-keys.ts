/** The condition keys that STS makes from the claims of a web identity token. */
import type { KeyValue } from './conditions';
import type { TrustAction } from './trust-policy';

/** The payload of a token. */
export type Claims = Readonly<Record<string, unknown>>;

/** When the table was compared with its source. */
export const KEYS_AS_OF = '2026-11-20';

/** Of every OIDC issuer. `aud` is the token's `azp`, or its `aud` if there is none; `oaud` is always its `aud`. */
const DEFAULT_KEYS = ['sub', 'email'];

const GITHUB = [
  'actor',
  'actor_id',
  'enterprise_id',
  'environment',
  'job_workflow_ref',
  'ref',
  'repository',
  'repository_id',
  'repository_owner_id',
  'workflow',
];

/**
 * The keys beside them: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
 * and https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif.
 * A slash in a name leads into a structure. A GitHub Enterprise Server and a self-managed GitLab have none of them.
 */
const LISTED_KEYS: readonly { readonly issuer: RegExp; readonly keys: readonly string[] }[] = [
  { issuer: /^token\.actions\.githubusercontent\.com(\/[^/]+)?$/, keys: GITHUB },
  { issuer: /^token\.actions\.[a-z0-9-]+\.ghe\.com$/, keys: GITHUB },
  {
    issuer: /^gitlab\.com$/,
    keys: [
      'namespace_id',
      'project_id',
      'pipeline_source',
      'ref_protected',
      'runner_environment',
      'user_access_level',
      'user_email',
      'user_id',
      'user_login',
    ],
  },
  {
    issuer: /^agent\.buildkite\.com$/,
    keys: [
      'organization_slug',
      'organization_id',
      'pipeline_slug',
      'pipeline_id',
      'cluster_name',
      'cluster_id',
      'build_branch',
    ],
  },
  { issuer: /^oidc\.circleci\.com\/org\/[^/]+$/, keys: ['oidc.circleci.com/project-id'] },
  { issuer: /^accounts\.google\.com$/, keys: ['google/organization_number'] },
];

const ROLES = 'https://aws.amazon.com/roles';
const SOURCE_IDENTITY = 'https://aws.amazon.com/source_identity';

/** The condition keys of a token, with names in lower case. What the token does not have is absent. */
export function requestKeys(issuerWithoutScheme: string, claims: Claims): ReadonlyMap<string, KeyValue> {
  const keys = new Map<string, KeyValue>();
  const add = (name: string, value: KeyValue | null): void => {
    if (value !== null) keys.set(name.toLowerCase(), value);
  };
  const listed = LISTED_KEYS.find(({ issuer }) => issuer.test(issuerWithoutScheme))?.keys ?? [];
  for (const name of [...DEFAULT_KEYS, ...listed]) {
    add(`${issuerWithoutScheme}:${name}`, textOf(claimAt(claims, name)));
  }
  add(`${issuerWithoutScheme}:aud`, audienceOf(claims));
  add(`${issuerWithoutScheme}:oaud`, oneOrList(claims['aud']));
  add(`${issuerWithoutScheme}:amr`, someOf(textsIn(claims['amr'])));

  const tags = sessionTags(claims);
  for (const [name, value] of tags) add(`aws:RequestTag/${name}`, value);
  add('aws:TagKeys', someOf(tags.map(([name]) => name)));
  add('sts:TransitiveTagKeys', someOf(transitiveTagKeys(claims)));
  add('sts:SourceIdentity', textOf(claims[SOURCE_IDENTITY]));
  // STS has refused a token that does not name the role.
  if (claims[ROLES] !== undefined) add('sts:RoleAuthorizedByIdp', 'true');
  return keys;
}

/** What STS compares with the audiences of the provider. Null: no audience, or several and no `azp`. */
export function audienceOf({ azp, aud }: Claims): string | null {
  if (typeof azp === 'string') return azp;
  const audience = oneOrList(aud);
  return typeof audience === 'string' ? audience : null;
}

/** The actions that the trust policy of the role must allow for a token with these keys. */
export const actionsOf = (keys: ReadonlyMap<string, KeyValue>): readonly [TrustAction, ...TrustAction[]] => [
  'sts:AssumeRoleWithWebIdentity',
  ...(keys.has('aws:tagkeys') ? ['sts:TagSession' as const] : []),
  ...(keys.has('sts:sourceidentity') ? ['sts:SetSourceIdentity' as const] : []),
];

/**
 * Whether the issuer lets the token be used for a role: the claim has one ARN or a list, without wildcards. A token
 * without the claim can be used for every role.
 */
export const permitsRole = (claims: Claims, roleArn: string): boolean =>
  claims[ROLES] === undefined || [claims[ROLES]].flat().includes(roleArn);

/** A claim may have a slash in its name. */
function claimAt(claims: Claims, name: string): unknown {
  if (claims[name] !== undefined) return claims[name];
  const [outer = '', ...inner] = name.split('/');
  const structure = claims[outer];
  return isStructure(structure) && inner.length > 0 ? claimAt(structure, inner.join('/')) : undefined;
}

const isStructure = (value: unknown): value is Claims =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

const textsIn = (value: unknown): readonly string[] =>
  [value].flat().flatMap((one) => {
    const text = textOf(one);
    return text === null ? [] : [text];
  });

/** Null if there is none. */
const someOf = (texts: readonly string[]): readonly string[] | null => (texts.length === 0 ? null : texts);

/** A list of one, as Kubernetes writes it, is one audience. */
function oneOrList(value: unknown): KeyValue | null {
  const texts = textsIn(value);
  const [only] = texts;
  return texts.length > 1 ? texts : (only ?? null);
}

const TAGS = 'https://aws.amazon.com/tags';
const FLAT_TAG = `${TAGS}/principal_tags/`;

/** Nested or flat: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp */
function sessionTags(claims: Claims): readonly (readonly [name: string, value: string])[] {
  const tags = claims[TAGS];
  const nested = isStructure(tags) ? tags['principal_tags'] : undefined;
  const flat = Object.keys(claims).flatMap((name) =>
    name.startsWith(FLAT_TAG) ? [[name.slice(FLAT_TAG.length), claims[name]] as const] : [],
  );
  return [...Object.entries(isStructure(nested) ? nested : {}), ...flat].flatMap(([name, value]) => {
    const [text] = textsIn(value);
    return text === undefined ? [] : [[name, text] as const];
  });
}

const transitiveTagKeys = (claims: Claims): readonly string[] => {
  const tags = claims[TAGS];
  return textsIn(isStructure(tags) ? tags['transitive_tag_keys'] : claims[`${TAGS}/transitive_tag_keys`]);
};

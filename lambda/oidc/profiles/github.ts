/** GitHub Actions: github.com, enterprises with a path or host of their own, and GitHub Enterprise Server. */
import { PRINTABLE, closed } from '../../iam-policy/alphabet';
import type { FreeClaim, IssuerGrammar, Segment, TokenForm } from '../../iam-policy/grammar';
import {
  LETTERS_AND_DIGITS,
  NAME,
  NO_COLON,
  PATH,
  WRITTEN_NAME,
  WRITTEN_NUMBER,
  WRITTEN_PATH,
  fixed,
  noSuchRef,
  numberField,
  part,
  refField,
  some,
  text,
} from './parts';
import { COMMON } from './profile';
import type { IssuerParts, Profile } from './profile';

const HOST = 'token.actions.githubusercontent.com';
/** Enterprise Cloud with data residency. */
const RESIDENCY_HOST = /^token\.actions\.[a-z0-9-]+\.ghe\.com$/;

/** Names of accounts; those of managed users end in an underscore and a short code. */
const OWNER = some(closed(`${LETTERS_AND_DIGITS}-_`));
const REPOSITORY = some(NAME);

/** Repositories from before 2026-07-15 that were not renamed, transferred or opted in. */
const BY_NAME: readonly Segment[] = [
  text('repo:'),
  part(OWNER, 'owner', 'repository'),
  text('/', 'repository'),
  part(REPOSITORY, 'name', 'repository'),
];

/** All others: names and ids. */
const BY_ID: readonly Segment[] = [
  text('repo:'),
  part(OWNER, 'owner', 'repository'),
  text('@'),
  part(numberField, 'repository_owner_id'),
  text('/', 'repository'),
  part(REPOSITORY, 'name', 'repository'),
  text('@'),
  part(numberField, 'repository_id'),
];

const withContext = (begin: readonly Segment[], format: TokenForm['format']): readonly TokenForm[] => {
  const of = (
    name: string,
    context: readonly Segment[],
    more: Partial<Pick<TokenForm, 'without' | 'origin' | 'fields'>> = {},
  ): TokenForm => ({
    name,
    subject: [...begin, text(':'), ...context],
    without: ['environment'],
    format,
    origin: 'workload',
    ...more,
  });
  return [
    of('branch', [text('ref:'), part(refField('refs/heads/', 'refs/heads/unnamed'), 'ref')]),
    of('tag', [text('ref:'), part(refField('refs/tags/', 'refs/tags/unnamed'), 'ref')]),
    of('environment', [text('environment:'), part(some(NO_COLON, 'unnamed'), 'environment')], {
      without: [],
    }),
    of('pull request', [part(fixed('pull_request'))], {
      origin: 'pull request',
      // The merge of the pull request, not a branch.
      fields: new Map([['ref', refField('refs/pull/', 'refs/pull/1/merge')]]),
    }),
  ];
};

const always = (field: FreeClaim['field']): FreeClaim => ({ field, optional: false });
const sometimes = (field: FreeClaim['field']): FreeClaim => ({ field, optional: true });

const CLAIMS: IssuerGrammar['claims'] = new Map([
  ['actor', always(some(NAME))],
  ['actor_id', always(numberField)],
  ['enterprise_id', sometimes(numberField)],
  ['environment', sometimes(some(NO_COLON, 'unnamed'))],
  ['job_workflow_ref', sometimes(some(PRINTABLE))],
  ['ref', always(refField('refs/', 'refs/heads/unnamed'))],
  ['repository', always(some(PATH))],
  ['repository_id', always(numberField)],
  ['repository_owner_id', always(numberField)],
  ['workflow', always(some(PRINTABLE))],
]);

/** No page of GitHub shows the ids. */
const HINTS: Readonly<Record<string, string>> = {
  repository_owner_id: '"gh api users/OWNER --jq .id" prints it',
  ref: 'such as refs/heads/main',
  repository_id: '"gh api repos/OWNER/REPOSITORY --jq .id" prints it',
};

const KEYS: IssuerGrammar['keys'] = new Map(
  [...CLAIMS.keys()].map((claim) => {
    const hint = HINTS[claim];
    return [claim, { claim, ...(hint === undefined ? {} : { hint }) }] as const;
  }),
);

const BASE = {
  ...COMMON,
  nouns: {
    vendor: 'GitHub Actions',
    tenant: 'owner',
    unit: 'repository',
    units: 'Repositories',
    workload: 'branch',
    otherWorkloads: 'workflows of a branch, tag or environment that it does not name',
    anyTenant: 'Any repository on GitHub',
    anyUnit: 'Any repository',
  },
  claims: CLAIMS,
  certain: [noSuchRef('ref')],
  workloads: ['ref', 'environment'],
  anyTextAfter: ':',
  pullRequests: {
    workloads: 'workflows of pull requests',
    settings:
      'On GitHub, workflows of pull requests from forks get no id-token permission by default. People with write access to the repository can open other pull requests.',
  },
} as const;

const NAMES: IssuerGrammar['scopes'] = [
  { claim: 'owner', scope: 'tenant', isGlobal: true, nature: 'name', written: WRITTEN_NAME },
  { claim: 'repository', scope: 'unit', isGlobal: true, nature: 'name', written: WRITTEN_PATH },
];
const IDS: IssuerGrammar['scopes'] = [
  { claim: 'repository_owner_id', scope: 'tenant', isGlobal: true, nature: 'id', written: WRITTEN_NUMBER },
  { claim: 'enterprise_id', scope: 'tenant', isGlobal: true, nature: 'id', written: WRITTEN_NUMBER },
  { claim: 'repository_id', scope: 'unit', isGlobal: true, nature: 'id', written: WRITTEN_NUMBER },
];

const onGitHub = (kind: IssuerGrammar['kind']): IssuerGrammar => ({
  ...BASE,
  kind,
  forms: [...withContext(BY_NAME, 'older'), ...withContext(BY_ID, 'newer')],
  keys: KEYS,
  scopes: [...NAMES, ...IDS],
  newerFormat: {
    check: 'TRUST009',
    older: 'subjects with names only',
    newer: 'subjects with names and ids',
    subject: 'a subject of the form repo:OWNER@ID/REPOSITORY@ID',
    effect:
      'Repositories that were created, renamed or transferred after 2026-07-15, or that opted in, have these subjects: their logins fail.',
    advice: 'Accept both formats, and restrict the role by ids.',
  },
});

/** STS has no key for the claims of a customer's server. */
const onServer = (): IssuerGrammar => ({
  ...BASE,
  nouns: { ...BASE.nouns, vendor: 'GitHub Enterprise Server' },
  kind: 'self-hosted',
  forms: withContext(BY_NAME, null),
  scopes: NAMES,
});

function match({ host, path }: IssuerParts): IssuerGrammar | null {
  if (host.port === 443 && host.name === HOST) return onGitHub(path === '' ? 'shared' : 'tenant');
  if (host.port === 443 && RESIDENCY_HOST.test(host.name)) return onGitHub('tenant');
  return path === '/_services/token' ? onServer() : null;
}

/** GitHub Actions. */
export const GITHUB: Profile = {
  id: 'github',
  match,
  defaultAudience: () => 'sts.amazonaws.com',
  sources: [
    'https://docs.github.com/en/actions/reference/security/oidc',
    'https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html',
  ],
};

/** Vercel: an issuer per team, and the older global one. */
import type { IssuerGrammar } from '../../iam-policy/grammar';
import { NAME, WRITTEN_NAME, fixed, part, some, text } from './parts';
import { COMMON } from './profile';
import type { IssuerParts, Profile } from './profile';

const grammarOf = (team: string | null): IssuerGrammar => ({
  ...COMMON,
  kind: team === null ? 'shared' : 'tenant',
  nouns: {
    vendor: 'Vercel',
    tenant: 'team',
    unit: 'project',
    units: 'Projects',
    workload: 'environment',
    otherWorkloads: 'deployments to preview, or to an environment that it does not name,',
    anyTenant: 'Any Vercel team',
    anyUnit: 'Any project',
  },
  tenant: team,
  forms: [
    {
      name: 'deployment',
      subject: [
        text('owner:'),
        part(team === null ? some(NAME) : fixed(team), 'team'),
        text(':project:'),
        part(some(NAME), 'project'),
        text(':environment:'),
        part(some(NAME, 'preview'), 'environment'),
      ],
      without: [],
      format: null,
      origin: 'workload',
    },
  ],
  scopes: [
    { claim: 'team', scope: 'tenant', isGlobal: true, nature: 'name', written: WRITTEN_NAME },
    { claim: 'project', scope: 'unit', isGlobal: false, nature: 'name', written: WRITTEN_NAME },
  ],
  workloads: ['environment'],
  audience: 'tenant',
});

function match({ host, path }: IssuerParts): IssuerGrammar | null {
  if (host.name !== 'oidc.vercel.com' || host.port !== 443) return null;
  const [, team = null] = /^\/([^/]+)$/.exec(path) ?? [];
  return path === '' || team !== null ? grammarOf(team) : null;
}

/** Vercel. */
export const VERCEL: Profile = {
  id: 'vercel',
  match,
  defaultAudience: ({ tenant }) => (tenant === null ? null : `https://vercel.com/${tenant}`),
  sources: ['https://vercel.com/docs/oidc/reference', 'https://vercel.com/docs/oidc/aws'],
};

/**
 * Which folder may import which. Left is lower: domain <- text <- x509, iam-policy <- oidc <- config <- permissions <-
 * remedies <- checks <- report <- alerting; state rests on domain and text; remediation and decide.ts stand above checks.
 */

/** Folders, and files beside them, of lambda/. */
const at = (...names) =>
  `^lambda/(${names.map((name) => (name.endsWith('.ts') ? name.replace('.', '\\.') : `${name}/`)).join('|')})`;

/** A layer, and what of lambda/ it may import. */
const layers = [
  ['domain', []],
  ['text', ['domain']],
  ['x509', ['domain', 'text']],
  ['iam-policy', ['domain', 'text']],
  ['oidc', ['domain', 'text', 'x509', 'iam-policy']],
  ['config', ['domain', 'text', 'x509', 'iam-policy', 'oidc']],
  ['permissions.ts', ['domain', 'text', 'oidc', 'config']],
  ['state', ['domain', 'text']],
  ['remedies', ['domain', 'text', 'x509', 'iam-policy', 'oidc', 'config']],
  [
    'checks',
    ['domain', 'text', 'x509', 'iam-policy', 'oidc', 'config', 'permissions.ts', 'remedies', 'state'],
  ],
  ['report', ['domain', 'text', 'x509', 'oidc', 'config', 'remedies', 'state', 'checks']],
  ['ports.ts', ['domain', 'x509']],
  ['deadline.ts', []],
  [
    'alerting',
    ['domain', 'text', 'x509', 'oidc', 'config', 'remedies', 'state', 'checks', 'report', 'ports.ts'],
  ],
  [
    'remediation',
    ['domain', 'text', 'x509', 'oidc', 'config', 'remedies', 'state', 'checks', 'ports.ts', 'deadline.ts'],
  ],
  ['decide.ts', ['domain', 'text', 'state', 'checks', 'alerting']],
  ['collect', ['domain', 'text', 'x509', 'iam-policy', 'oidc', 'config', 'ports.ts', 'deadline.ts']],
  ['inputs.ts', ['domain', 'oidc', 'config', 'state', 'ports.ts', 'collect']],
  ['adapters', ['domain', 'text', 'x509', 'ports.ts']],
];

/** What compares the oracle with the product knows both. */
const COMPARES = '^test/oracle/(issuers/)?(product|agreement|agreement\\.test)\\.ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no cycles',
      severity: 'error',
      from: { path: '^(lambda|cli|infra|demo|bench)/' },
      to: { circular: true },
    },
    ...layers.map(([layer, below]) => ({
      name: `${layer} imports lower folders only`,
      severity: 'error',
      from: { path: at(layer) },
      to: { path: '^(lambda|cli|infra|demo|bench|test)/', pathNot: at(layer, ...below) },
    })),
    {
      name: 'what is pure imports cryptography, compression and two pure packages, nothing else from outside',
      severity: 'error',
      from: {
        path: at(
          'domain',
          'text',
          'x509',
          'iam-policy',
          'oidc',
          'config',
          'permissions.ts',
          'state',
          'remedies',
          'checks',
          'report',
          'alerting',
          'remediation',
          'decide.ts',
          'collect',
        ),
      },
      to: {
        pathNot: ['^lambda/', '^crypto$', '^node:crypto$', '^zlib$', 'node_modules/(valibot|ipaddr\\.js)/'],
      },
    },
    {
      name: 'AWS and HTTP are reached through adapters only',
      severity: 'error',
      from: { path: '^lambda/', pathNot: '^lambda/adapters/' },
      to: { path: 'node_modules/(@aws-sdk|@smithy|undici|@aws-lambda-powertools)/' },
    },
    {
      name: 'one file imports private files of undici',
      severity: 'error',
      from: { pathNot: at('adapters/http/undici.ts') },
      to: { path: 'node_modules/undici/lib/' },
    },
    {
      name: 'only entry points connect adapters to ports',
      severity: 'error',
      from: {
        path: '^lambda/',
        pathNot: ['^lambda/adapters/', at('handler.ts', 'invocation.ts', 'wiring.ts')],
      },
      to: { path: '^lambda/adapters/' },
    },
    {
      name: 'infra imports of the function what is validated at synth',
      severity: 'error',
      from: { path: '^infra/' },
      to: {
        path: '^lambda/',
        pathNot: at(
          'domain',
          'text',
          'x509',
          'iam-policy',
          'oidc',
          'config',
          'permissions.ts',
          'remedies',
          'checks',
        ),
      },
    },
    {
      name: 'nothing that is deployed imports command line, demo, bench or tests',
      severity: 'error',
      from: { path: '^(lambda|infra)/' },
      to: { path: '^(cli|demo|bench|test)/' },
    },
    {
      name: 'the command line imports neither constructs nor demo',
      severity: 'error',
      from: { path: '^cli/' },
      to: { path: '^(infra|demo|bench|test)/' },
    },
    {
      name: 'demo and bench import no tests',
      severity: 'error',
      from: { path: '^(demo|bench)/' },
      to: { path: '^test/' },
    },
    {
      name: 'the oracle shares no code with the product that it is compared with',
      severity: 'error',
      from: { path: '^test/oracle/', pathNot: COMPARES },
      to: {
        path: [
          '^(lambda|cli|infra|bench)/',
          '^demo/(?!aws/(conditions|condition-keys|trust-policy|web-identity)\\.ts$|tokens\\.ts$)',
          '^test/(?!oracle/|support/random\\.ts$)',
        ],
      },
    },
    {
      name: 'the embedded AWS imports nothing of the product',
      severity: 'error',
      from: { path: '^demo/(aws/|tokens\\.ts$)' },
      to: { path: '^(lambda|cli|infra|bench)/' },
    },
    {
      name: 'neither the embedded STS nor the oracle depends on the evaluation of trust policies, not even indirectly',
      severity: 'error',
      from: { path: '^(demo/aws/|demo/tokens\\.ts$|test/oracle/)', pathNot: COMPARES },
      to: { path: '^lambda/(iam-policy|oidc/profiles)/', reachable: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};

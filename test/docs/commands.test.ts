/** Every command of README and docs/ is run: by test/slow/readme-commands.test.ts, or as ELSEWHERE says. */
import { describe, expect, it } from '@jest/globals';
import { DOCUMENTS, readDocument } from '../support/headings';
import { EXAMPLES } from '../support/readme/examples';
import { shownCommands } from '../support/readme/shown-commands';

/** README and the pages of docs/, whatever pages there are. */
const PAGES = DOCUMENTS.filter((file) => file === 'README.md' || file.startsWith('docs'));

const CI = '.ci/run runs it';
const UPGRADE = 'test/slow/upgrade.test.ts runs it';
const NIGHTLY = 'the nightly run does this, or it takes minutes';
const RELEASE = 'it asks the registry or changes a release: people run it';

/** Commands that other programs run, or why no test runs them. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'npm ci': CI,
  'npm ci && npm start': CI,
  'npm ci && npm test': CI,
  'npm run check': '.ci/run runs its parts, side by side',
  'npm run test:slow': CI,
  'npm test': CI,
  'npm start': CI,
  'npm run build': 'test/slow/package.test.ts runs its program',
  'npm run docs:config': 'test/infra/configuration/json-schema.test.ts compares its result',
  'npm run docs:faults': 'test/docs/faults.test.ts compares its result',
  'npm run docs:issuers': 'test/docs/issuers.test.ts compares its result',
  'npx jest test/adapters/http': CI,
  'npx cdk diff ThumbprintDriftMonitor': UPGRADE,
  'npx tsx cli/main.ts doctor NAME --write-config': UPGRADE,
  'npx cdk destroy ThumbprintDriftMonitor': 'test/slow/deployment.test.ts runs it',
  'npm run nightly': NIGHTLY,
  'npm run nightly schedules': NIGHTLY,
  'npm run soak': NIGHTLY,
  'npm run soak -- --years 20': NIGHTLY,
  'npm run soak -- --seed NAME': NIGHTLY,
  'npm run soak -- --known': NIGHTLY,
  'npm run bench': NIGHTLY,
  'npm run bench -- --quick': NIGHTLY,
  'npm run bench -- --json': NIGHTLY,
  'npm run bench -- --plot docs/growth.svg --node /path/to/node': NIGHTLY,
  'npm audit signatures': RELEASE,
  'npm audit --omit dev': RELEASE,
  'npm version --no-git-tag-version VERSION': RELEASE,
  'npm pack --dry-run': RELEASE,
  'npx publint --strict': RELEASE,
  'npx @arethetypeswrong/cli --pack .': RELEASE,
  'cp package.json package-lock.json .npmrc release/sbom/': RELEASE,
  'npm pkg delete devDependencies peerDependencies': RELEASE,
  'npm install --package-lock-only --ignore-scripts': RELEASE,
  'npm sbom --package-lock-only --sbom-format cyclonedx > ../thumbprint-drift-monitor.cdx.json': RELEASE,
  'npm pack --pack-destination release': RELEASE,
  'npm publish --provenance release/*.tgz': RELEASE,
  'aws logs tail --since 2d "$(aws lambda get-function-configuration --function-name NAME --query LoggingConfig.LogGroup --output text)"':
    'version 1 of the AWS CLI does not have it',
  'aws lambda get-function-concurrency --function-name NAME':
    'the emulators do not have it without a function',
};

describe('the commands of README and docs/', () => {
  it('are run, and no others', () => {
    const run = [...EXAMPLES.flatMap(({ lines }) => lines), ...Object.keys(ELSEWHERE)];
    const shown = PAGES.flatMap((file) => shownCommands(readDocument(file)));
    expect([...new Set(run)].sort()).toEqual([...new Set(shown)].sort());
  });

  it('are found in blocks of both kinds, in lists and in prose', () => {
    const text = [
      'Run `npm ci`, or `aws x`, but',
      'not `npm`. `npm',
      'test` is more.',
      '',
      '    npm ci        # once',
      '    # no command',
      '',
      '```text',
      'npx a # b',
      '```',
      '1. List:',
      '',
      '       aws x \\',
      '         --y',
    ].join('\n');
    expect(shownCommands(text)).toEqual(['npm ci', 'npx a # b', 'aws x --y', 'npm test']);
  });
});

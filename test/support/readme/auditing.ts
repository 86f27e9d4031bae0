/** The documents on audits from a terminal, and on what follows from them. */
import {
  DeleteOpenIDConnectProviderCommand,
  GetOpenIDConnectProviderCommand,
  IAMClient,
} from '@aws-sdk/client-iam';
import { expect } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readReport } from '../../../cli/commands/report-schema';
import { settings } from '../emulator';
import { readDocument } from '../headings';
import { createProvider } from '../let-in';
import { hasTool } from '../tools';
import { bash } from './example';
import type { Example } from './example';
import { shownCommands } from './shown-commands';

const withAws = hasTool('aws', 'tests of `aws iam` in README');
const OTHER = /in-sync +no +ci\.example\.com:8443\/org/;

/** `npm run audit` exits with a code and prints these words. EXPECTED is the thumbprint of the issuers' chains. */
const audits = (line: string, code: number, ...words: readonly RegExp[]): Example => ({
  lines: [line],
  test: async ({ inside, outside, thumbprint }, filled = '') => {
    const finished = await bash(filled, line.includes('--no-aws') ? outside : inside);
    expect(finished).toMatchObject({ code, stderr: '' });
    const said = finished.stdout.replaceAll(thumbprint, 'EXPECTED');
    for (const word of words) expect(said).toMatch(word);
  },
});

/** A real drift, harmless. */
const drifts: Example = {
  lines: [
    'aws iam create-open-id-connect-provider --url https://oidc.circleci.com/org/ORG --client-id-list ORG --thumbprint-list 1111111111111111111111111111111111111111',
    'npm run audit -- --org ORG',
    'aws iam delete-open-id-connect-provider --open-id-connect-provider-arn ARN',
  ],
  runs: withAws,
  test: async ({ inside, thumbprint }, create = '', audit = '', remove = '') => {
    expect(await bash(create, inside)).toMatchObject({ code: 0, stderr: '' });
    const { stdout } = await bash(audit, inside);
    expect(stdout).toMatch(/drifted +no +oidc\.circleci\.com\/org\/0c1e4a52/);
    expect(stdout).toContain(`expected  ${thumbprint}`);
    expect(await bash(remove, inside)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await bash(audit, inside)).stdout).toMatch(/provider-missing +no /);
  },
};

/** The command of the mail that README shows. It is written anew when the mail changes. */
const [REMEDY = ''] = shownCommands(readDocument('README.md')).filter((line) =>
  line.startsWith('aws iam update-open-id-connect-provider-thumbprint '),
);
const [, PROVIDER = '', ORG = '', LISTED = ''] =
  /oidc-provider\/(\S+\/org\/(\S+)) --thumbprint-list (.+)$/.exec(REMEDY) ?? [];
const LIST = LISTED.split(' ');

const mends: Example = {
  lines: [REMEDY],
  runs: withAws,
  test: async ({ aws, inside }, line = '') => {
    const iam = new IAMClient(settings(aws.url));
    const issuer = `https://${PROVIDER}`;
    const arn = await createProvider(iam, { issuer, audiences: [ORG], thumbprints: LIST.slice(0, 1) });
    const named = { OpenIDConnectProviderArn: arn };
    expect(await bash(line, inside)).toMatchObject({ code: 0, stderr: '' });
    const { ThumbprintList } = await iam.send(new GetOpenIDConnectProviderCommand(named));
    expect(ThumbprintList).toEqual(LIST);
    expect(LIST.length).toBeGreaterThan(1);
    await iam.send(new DeleteOpenIDConnectProviderCommand(named));
  },
};

/** The line writes into the folder of the account, not into the checkout. */
const redirects: Example = {
  lines: ['npm run --silent audit -- --output json > report.json'],
  test: async ({ folder, inside }, line = '') => {
    const file = join(folder, 'report.json');
    const finished = await bash(line.replace('report.json', file), inside);
    expect(finished).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(readReport(JSON.parse(readFileSync(file, 'utf8')))).toMatchObject({ summary: { inSync: 2 } });
  },
};

/** The issuers of the tests count as public, so their root is their private CA, too. */
const proposes: Example = {
  lines: ['npm run --silent audit -- --no-aws --issuer URL --ca-file FILE --output terraform'],
  test: async ({ folder, outside, thumbprint }, line = '') => {
    const finished = await bash(line.replace('FILE', join(folder, 'root.pem')), outside);
    expect(finished).toMatchObject({ code: 0, stderr: '' });
    expect(finished.stdout).toContain(`  thumbprint_list = [\n    "${thumbprint}",`);
  },
};

/** All of them. */
export const auditing: readonly Example[] = [
  audits('npm run audit', 0, /in sync 2 of 2 targets in AWS account 123456789012\./, OTHER),
  audits('npm run audit -- --discover circleci', 0, /in sync 1 of 1 target in AWS account 123456789012\./),
  audits(
    'npm run audit -- --org ORG_ID',
    0,
    /NO OPEN FINDINGS\n +in-sync +no +oidc\.circleci\.com\/org\/b9d4/,
  ),
  audits(
    'npm run audit -- --org ID --issuer URL',
    1,
    /provider-missing +no +oidc\.circleci\.com\/org\/3f6c1d27/,
    OTHER,
  ),
  audits(
    'npm run audit -- --no-aws --org ID',
    0,
    /not-audited +no +oidc\.circleci\.com\/org\/3f6c1d27/,
    /expected {2}EXPECTED {2}CN=/,
  ),
  drifts,
  mends,
  redirects,
  proposes,
];

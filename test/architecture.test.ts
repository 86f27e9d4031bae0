import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const ROOT = join(__dirname, '..');
const LAYERS = ['lambda', 'cli', 'infra', 'demo', 'bench'].filter((folder) => existsSync(join(ROOT, folder)));

const filesIn = (folder: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .map((file) => join(folder, file));

interface Import {
  readonly file: string;
  readonly target: string;
}

const importsOf = (file: string): readonly Import[] =>
  [...readFileSync(join(ROOT, file), 'utf8').matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(
    ([, target = '']) => ({
      file,
      target: target.startsWith('.') ? relative(ROOT, join(ROOT, dirname(file), target)) : target,
    }),
  );

const imports: readonly Import[] = LAYERS.flatMap(filesIn).flatMap(importsOf);

const outside = (from: RegExp, permitted: RegExp): readonly string[] =>
  imports
    .filter(({ file, target }) => from.test(file) && !permitted.test(target))
    .map(({ file, target }) => `${file} imports ${target}`);

describe('imports point one way', () => {
  it.each([
    [
      'the implementation of RFC 5280 knows itself and cryptography',
      /^lambda\/x509\//,
      /^(lambda\/x509\/|node:crypto$)/,
    ],
    [
      'the core knows itself, certificates, cryptography and two pure packages',
      /^lambda\/core\//,
      /^(lambda\/(core|x509)\/|lambda\/remedies\/(command|remedy)$|node:crypto$|valibot$|ipaddr\.js$)/,
    ],
    [
      'remedies know what thumbprints, issuers and texts are',
      /^lambda\/remedies\//,
      /^lambda\/(remedies\/|core\/(issuer$|certificates\/thumbprint$|text\/))/,
    ],
    [
      'an answer is judged without the library that fetched it',
      /^lambda\/io\/(exchange|response)\.ts/,
      /^lambda\/(core\/|io\/(network-errors|response)$)/,
    ],
    ['ports know the core and the trust store', /^lambda\/ports/, /^lambda\/(core|x509)\//],
    [
      'the run knows the core, the ports and its own parts',
      /^lambda\/(observe|observe-trust|audit|assignment|see|recall|keep|tell|repair|attempt|deadline|hand-over)\.ts/,
      /^lambda\/((core|x509)\/|(ports|observe|observe-trust|assignment|see|recall|keep|tell|repair|attempt|deadline|hand-over)$)/,
    ],
    [
      'the edges know the core, Node and their own library',
      /^lambda\/io\//,
      /^(lambda\/(core|x509)\/|lambda\/io\/((network|aws)-errors|aws-limits|handshake|served-chain|slots|connections|exchange|pulse|response)$|node:|undici(\/lib\/.*)?$|@aws-sdk\/client-(iam|sns|dynamodb)$|@aws-lambda-powertools\/)/,
    ],
    [
      'the wiring knows the edges and what they are for',
      /^lambda\/wiring\.ts/,
      /^lambda\/((core|x509)\/|io\/|ports$)/,
    ],
    [
      'an invocation knows the run and its edges',
      /^lambda\/invocation\.ts/,
      /^lambda\/(core\/|io\/(iam|sns)$|(assignment|audit|ports|wiring)$)/,
    ],
    [
      'the command line knows the run and its parts',
      /^cli\//,
      /^(cli\/|lambda\/((core|x509)\/|io\/(iam|network-errors)$|(audit|wiring|ports)$)|node:|commander$|valibot$|undici$|yauzl$|@aws-sdk\/client-(lambda|cloudformation|sns)$|package\.json$)/,
    ],
    [
      'the infrastructure knows of the core only what both judge by',
      /^infra\//,
      /^(infra\/|lambda\/core\/(config|config\/(config-file|config-schema|schema|suggest)|domain|trust\/(deploy-roles|tokens)|errors|issuer|permissions|text\/(quote|escape)|certificates\/thumbprint)$|lambda\/remedies\/remedy$|aws-cdk-lib|constructs$|esbuild$|node:)/,
    ],
    [
      'nothing that is deployed knows the demo or the command line',
      /^(lambda|infra)\//,
      /^(?!demo|bench|test|cli)/,
    ],
  ])('%s', (_, from, permitted) => {
    expect(imports.some(({ file }) => from.test(file))).toBe(true);
    expect(outside(from, permitted)).toEqual([]);
  });

  it('leaves the product out of the oracle that it is compared with', () => {
    const oracle = filesIn('test/oracle').filter(
      (file) => !/\/(product|agreement|agreement\.test)\.ts$/.test(file),
    );
    expect(oracle).toContain('test/oracle/oracle.ts');
    expect(
      oracle
        .flatMap(importsOf)
        .filter(
          ({ target }) =>
            !/^(test\/oracle\/(glob|grammar|oracle|provider|samples)|test\/support\/random|node:.*)$/.test(
              target,
            ),
        ),
    ).toEqual([]);
    // What they share is a source of random numbers, and nothing that could be wrong in both.
    expect(importsOf('test/support/random.ts').map(({ target }) => target)).toEqual(['node:crypto']);
  });

  it('lets each library into one place', () => {
    for (const library of [
      'undici',
      '@aws-sdk/client-iam',
      '@aws-sdk/client-sns',
      '@aws-sdk/client-dynamodb',
    ]) {
      expect(
        imports
          .filter(({ file, target }) => `${target}/`.startsWith(`${library}/`) && file.startsWith('lambda/'))
          .map(({ file }) => file)
          .filter((file, index, all) => all.indexOf(file) === index),
      ).toHaveLength(1);
    }
  });

  it('has no cycles', () => {
    const next = (file: string): readonly string[] =>
      imports.filter((one) => one.file === file).map(({ target }) => `${target}.ts`);
    const reaches = (file: string, goal: string, seen: Set<string>): boolean =>
      next(file).some((one) => one === goal || (!seen.has(one) && reaches(one, goal, seen.add(one))));
    expect(
      [...new Set(imports.map(({ file }) => file))].filter((file) => reaches(file, file, new Set())),
    ).toEqual([]);
  });
});

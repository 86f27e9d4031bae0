/** Trust policies as they are found in accounts, with invented names, and the correct result for each. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import type { Observation } from '../../../lambda/checks/target';
import { evaluateTrust, trustResults } from '../../../lambda/checks/trust/account';
import { parseConfig } from '../../../lambda/config/config';
import { failure } from '../../../lambda/domain/errors';
import { gravest } from '../../../lambda/domain/severity';
import type { Finding } from '../../../lambda/domain/types';

const FOLDER = join(__dirname, 'field');
const ACCOUNT = 'arn:aws:iam::111122223333';

/** `findings`: all but those of severity info. `worst`: the highest severity above info. */
const CASE = v.object({
  name: v.string(),
  issuer: v.string(),
  audiences: v.array(v.string()),
  role: v.string(),
  attached: v.array(v.string()),
  trustPolicy: v.unknown(),
  findings: v.optional(v.array(v.string())),
  worst: v.optional(v.string()),
});
type Case = v.InferOutput<typeof CASE>;

const CASES = readdirSync(FOLDER)
  .sort()
  .map((file) => v.parse(CASE, JSON.parse(readFileSync(join(FOLDER, file), 'utf8'))));

/** All findings about the provider and the role, as a run reports them. */
async function findingsOf({
  issuer,
  audiences,
  role,
  attached,
  trustPolicy,
}: Case): Promise<readonly Finding[]> {
  const arn = `${ACCOUNT}:oidc-provider/${issuer.slice('https://'.length)}`;
  const roleArn = `${ACCOUNT}:role/${role}`;
  const text = JSON.stringify(trustPolicy);
  // The account has every provider of its own that the policy names.
  const named = [...new Set(text.match(/arn:aws:iam::111122223333:oidc-provider\/[^"]+/g) ?? [])];
  const observation: Observation = {
    target: { issuer, providerArn: arn, configured: false },
    jwks: null,
    milliseconds: null,
    discovery: { ok: false, failure: failure('discovery', 'DNS_NOT_FOUND', 'not asked') },
    provider: { ok: true, value: { arn, url: issuer.slice('https://'.length), thumbprints: [], audiences } },
    hosts: [],
  };
  const evaluated = await evaluateTrust(
    named.includes(arn) ? [observation] : [],
    {
      roles: { ok: true, value: [{ arn: roleArn, name: role, trustPolicy: text }] },
      providerArns: { ok: true, value: named },
    },
    () => Promise.resolve(true),
  );
  const { targets, findings } = trustResults(
    evaluated,
    [{ roleArn, policies: { ok: true, value: attached } }],
    { config: parseConfig({ discover: 'all' }), selection: null },
  );
  return [...(targets.get(observation)?.findings ?? []), ...findings];
}

const shown = ({ check, severity }: Finding): string => `${check}:${severity}`;

describe('trust policies from the field', () => {
  it.each(CASES.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const found = (await findingsOf(one)).filter(({ severity }) => severity !== 'info');
    if (one.findings === undefined) {
      expect([gravest(found.map(({ severity }) => severity)) ?? 'none', found.map(shown)]).toEqual([
        expect.stringMatching(new RegExp(`^(?:${one.worst ?? ''})$`)),
        expect.anything(),
      ]);
      return;
    }
    const wanted = one.findings
      .map((each) => each.split('|'))
      .filter((each) => !each.every((x) => x.endsWith(':info')));
    expect(found.map(shown).sort()).toHaveLength(wanted.length);
    for (const [index, each] of [...wanted].sort().entries()) {
      expect(each).toContain(found.map(shown).sort()[index]);
    }
  });
});

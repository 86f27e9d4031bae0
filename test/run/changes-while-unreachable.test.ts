/** Changes that somebody makes in IAM while the issuer cannot be audited: the same person may cause both. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import * as v from 'valibot';
import { failure } from '../../lambda/domain/errors';
import { ARN, Account, HOST, ISSUER, serving } from '../support/account';
import type { Scene } from '../support/account';
import { hierarchy, observed } from '../support/observed';
import type { Hierarchy } from '../support/observed';

let served: Hierarchy;

beforeAll(async () => {
  served = await hierarchy(HOST, 'Served');
});

const STRANGE = 'e'.repeat(40);
const lost = failure('discovery', 'TCP_TIMEOUT', 'No answer.');
const SCENES: Readonly<Record<string, Scene>> = {
  'documents cannot be read': { document: () => ({ ok: false, failure: lost }) },
  'host cannot be probed': {
    document: () => ({ ok: false, failure: lost }),
    probe: (host) => ({ ...observed(host.name, []), failure: failure('tls', 'TLS_TIMEOUT', 'No answer.') }),
  },
};

const BODY = v.object({
  events: v.array(v.object({ findings: v.array(v.object({ check: v.string(), severity: v.string() })) })),
});
/** `THUMB008 high` of each message. */
const alerted = (account: Account): readonly (readonly string[])[] =>
  account.messages.map(({ machine }) =>
    v
      .parse(BODY, JSON.parse(machine))
      .events.flatMap(({ findings }) => findings.map(({ check, severity }) => `${check} ${severity}`)),
  );

describe.each(Object.entries(SCENES))('a thumbprint that somebody adds while the %s', (_, unreachable) => {
  async function added(thumbprint: string): Promise<Account> {
    const account = new Account([served.leaf.thumbprint], serving(served));
    account.lists.set(ARN, [served.middle.thumbprint]);
    await account.run();
    account.lists.set(ARN, [served.middle.thumbprint, thumbprint]);
    await account.run(unreachable);
    return account;
  }

  it('is alerted at once, as high, although the issuer serves it', async () => {
    const account = await added(served.leaf.thumbprint);
    expect(alerted(account)).toEqual([['THUMB008 high']]);
    expect(account.messages[0]?.email.replaceAll(/\s+/g, ' ')).toContain(
      'It is not known whether the issuer serves the certificate',
    );
  });

  it('is not alerted again if it turns out to be served', async () => {
    const account = await added(served.leaf.thumbprint);
    for (let run = 0; run < 3; run += 1) await account.run();
    expect(alerted(account)).toEqual([['THUMB008 high']]);
  });

  it('is alerted once more if it turns out not to be served', async () => {
    const account = await added(STRANGE);
    for (let run = 0; run < 3; run += 1) await account.run();
    expect(alerted(account)).toEqual([['THUMB008 high'], ['THUMB008 high']]);
    expect(account.messages[1]?.email.replaceAll(/\s+/g, ' ')).toContain(
      'In that run the issuer could not be audited.',
    );
  });

  it('is an info finding with a comparison, if there was no recipient before', async () => {
    const account = new Account([served.middle.thumbprint], serving(served));
    await account.run();
    account.lists.set(ARN, [served.middle.thumbprint, served.leaf.thumbprint]);
    await account.run({ ...unreachable, recipients: 0 });
    const before = account.messages.length;
    await account.run();
    expect(alerted(account).slice(before).flat()).not.toContain('THUMB008 high');
  });
});

describe.each(Object.entries(SCENES))('an audience that somebody adds while the %s', (_, unreachable) => {
  it('is alerted at once, and once', async () => {
    const account = new Account([served.middle.thumbprint], serving(served));
    await account.run();
    account.audiences.set(ARN, [ARN.slice(-36), 'sts.amazonaws.com']);
    await account.run(unreachable);
    expect(alerted(account)).toEqual([['PROV007 medium']]);
    await account.run();
    await account.run();
    expect(alerted(account)).toEqual([['PROV007 medium']]);
  });
});

describe.each(Object.entries(SCENES))(
  'a missing provider that somebody creates while the %s',
  (_, unreachable) => {
    it('is resolved after two runs, since only IAM says whether it exists', async () => {
      const config = { issuers: [ISSUER] };
      const account = new Account([served.middle.thumbprint], serving(served), config);
      const list = account.lists.get(ARN) ?? [];
      account.lists.delete(ARN);
      await account.run();
      account.lists.set(ARN, list);
      await account.run(unreachable);
      await account.run(unreachable);
      const last = account.messages.at(-1);
      expect(last?.attributes['eventTypes']).toContain('finding.resolved');
      expect(last?.email).toContain('PROV001');
    });
  },
);

/** Accounts in which the monitor has run before: the first run of all saves what it found. */
import { productFinds } from './judges';
import { measure } from './measure';
import type { Bench } from './scenario';
import type { BenchAccount } from './world';

/** An account whose orgs are all in sync, and known to the monitor. */
export async function primedAccount(bench: Bench, issuer: string, orgs: number): Promise<BenchAccount> {
  const account = await bench.world.account(issuer, orgs);
  await measure(bench, account, { bundle: bench.product, judge: productFinds(account, 'in-sync') });
  return account;
}

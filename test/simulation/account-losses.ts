/** What should have been alerted about the account by the end of a run that was recorded. */
import type { Ledger } from './ledger';
import type { ChangeOf } from './message';
import type { Run } from './run';

const BLIND_RUNS = 3;
const CLEAN_RUNS = 2;

/** Checks what belongs to no target, and turns its page in the ledger. */
export function accountLossesAt(run: Run, ledger: Ledger): readonly string[] {
  const { present, absent } = ledger.count('unknown', run.isBlind ? 'present' : 'absent');
  const problems = [
    ...(present >= BLIND_RUNS && !ledger.open.has('unknown')
      ? ['account: that it is not visible was not told']
      : []),
    ...(absent >= CLEAN_RUNS && ledger.owed.has('unknown')
      ? ['account: that it is visible was not told']
      : []),
  ];
  if (run.listing == null) return problems;
  const before = ledger.listing;
  ledger.listing = { arns: run.listing, sequence: run.listedAt };
  if (before === null) return problems;
  const { listing } = run;
  const isTold = (arn: string, action: ChangeOf<'providers'>['action']): boolean =>
    ledger.heardOf(
      (change) =>
        change.kind === 'providers' && change.action === action && change.providers.names.includes(arn),
      before.sequence,
    );
  const created = listing.filter((arn) => !before.arns.includes(arn));
  const deleted = before.arns.filter((arn) => !listing.includes(arn));
  return [
    ...problems,
    ...created
      .filter((arn) => !isTold(arn, 'created'))
      .map((arn) => `account: ${arn} is new and was not told`),
    ...deleted
      .filter((arn) => !isTold(arn, 'deleted'))
      .map((arn) => `account: ${arn} is gone and was not told`),
  ];
}

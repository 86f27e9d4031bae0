/** Run after run through the pure core, as the function makes them: loaded, decided, alerted, saved as JSON. */
import { markAccepted } from './accepted';
import { rereadAccount, rereadTarget } from './state/items';
import { rememberAccount } from '../../lambda/checks/history/account';
import type { AcceptedFinding } from '../../lambda/config/config';
import { decide, nextState } from '../../lambda/decide';
import type { TargetReport } from '../../lambda/domain/types';
import { describeChange } from '../../lambda/checks/history/change';
import { remember } from '../../lambda/checks/history/history';
import type { AccountMemory, TargetMemory } from '../../lambda/state/schema';
import type { ObservedTarget } from '../../lambda/checks/history/observed';
import type { Followed } from '../../lambda/checks/history/followed';
import type { Notification } from '../../lambda/domain/notification';
import { CHECK_IDS } from '../../lambda/domain/checks';
import type { CheckId } from '../../lambda/domain/checks';

const START = Date.parse('2026-11-01T00:00:00Z');
const HOUR_MS = 3_600_000;

/** What one run collects of one target. */
export interface Look extends Partial<Omit<ObservedTarget, 'report'>> {
  readonly report: TargetReport;
  /** Checks that it could not make. All of them if the report says so. */
  readonly unseen?: readonly CheckId[];
  /** Checks that a second probe within the run confirmed. */
  readonly confirmed?: readonly CheckId[];
}

/** The circumstances of one run. */
export interface Page {
  /** Hours since the first run. */
  readonly hour: number;
  readonly looks: readonly Look[];
  /** Confirmed subscriptions. */
  readonly recipients?: number;
  readonly providers?: readonly string[];
  readonly isBlind?: boolean;
  readonly accept?: readonly AcceptedFinding[];
  /** No state was saved, and none will be. */
  readonly stateless?: boolean;
}

/** What a run sent and saved. */
export interface Written {
  readonly notifications: readonly Notification[];
  readonly targets: ReadonlyMap<string, TargetMemory>;
  readonly account: AccountMemory | null;
}

/** What is known before the first page. */
export type Opening = Pick<Written, 'targets' | 'account'>;

const EMPTY: Opening = { targets: new Map(), account: null };

/** State that lasts from run to run. */
export interface Diary {
  readonly run: (page: Page) => Written;
  /** In short: `drift.firing a`, with the checks for `finding`. */
  readonly say: (page: Page) => readonly string[];
}

/** Opens a diary, an empty one by default. */
export function diary(opening: Opening = EMPTY): Diary {
  let { targets, account } = opening;

  const run = (page: Page): Written => {
    const now = new Date(START + page.hour * HOUR_MS);
    const known = page.stateless === true ? null : account;
    const isFirst = known === null;
    const followed = page.looks.map((look) =>
      follow(
        look,
        page.stateless === true ? null : (targets.get(look.report.issuer) ?? null),
        page,
        isFirst,
        now,
      ),
    );
    const seen = {
      providers: page.providers ?? null,
      recipients: { ok: true, value: page.recipients ?? 1 } as const,
    };
    const after = rememberAccount(known, seen, now);
    const decision = decide(
      followed,
      { ...after, acceptedChanges: [], isBlind: page.isBlind === true, baseline: isFirst },
      now,
    );
    const next = nextState(decision, { hasRecipients: (page.recipients ?? 1) > 0, omitted: new Set() }, now);
    if (page.stateless !== true) {
      const saved = [...next.targets].map(([issuer, memory]) => [issuer, rereadTarget(memory)] as const);
      targets = new Map([...targets, ...saved]);
      account = rereadAccount(next.account);
    }
    return { notifications: decision.notifications, targets, account };
  };
  return { run, say: (page) => run(page).notifications.map(inShort) };
}

function follow(
  look: Look,
  memory: TargetMemory | null,
  { accept = [] }: Page,
  isFirst: boolean,
  now: Date,
): Followed {
  const { report, unseen = [], confirmed = [], ...facts } = look;
  const seen: ObservedTarget = {
    audiences: report.providerArn === null ? null : [],
    jwksHost: null,
    jwks: null,
    milliseconds: 1,
    verified: report.expected,
    moveAccepted: false,
    mayUpdate: true,
    ...facts,
    report,
  };
  const remembered = remember(memory, seen, now);
  return {
    report: markAccepted({ ...report, findings: [...report.findings, ...remembered.findings] }, accept, now),
    skipped: new Set(report.failure === undefined ? unseen : CHECK_IDS),
    memory: remembered.memory,
    baseline: isFirst && memory === null,
    confirmed: new Set(confirmed),
    remarks: [],
    refusal: null,
    updated: null,
    intent: null,
    waiting: remembered.waiting.map(describeChange),
  };
}

/** `finding.firing a CERT001`: the event, the digit of the org, the checks. */
export const inShort = ({ eventType, target, findings }: Notification): string =>
  [
    eventType,
    target === null ? 'account' : (/org\/(.)/.exec(target.issuer)?.[1] ?? target.issuer),
    ...(/^(finding|keys)/.test(eventType) ? findings.map(({ check }) => check) : []),
  ].join(' ');

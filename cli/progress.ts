/** What a run is waiting for, and how a person is shown it. */
import type { MonitorConfig } from '../lambda/config/config';
import type { Target } from '../lambda/domain/types';
import { escapeForeign } from '../lambda/text/escape';
import { discoveryUrl, hostOf } from '../lambda/oidc/issuer';
import { findTargets } from '../lambda/collect/targets';
import type { Ports } from '../lambda/ports';
import { fit } from './outputs/columns';
import type { Shell } from './shell';
import { hostKey, hostName } from '../lambda/domain/host';

/** The questions of a run, by what they ask. */
export interface Board {
  targets: readonly Target[] | null;
  readonly questions: Map<string, PendingQuestion>;
}

interface PendingQuestion {
  readonly about: string;
  readonly since: number;
  answered: boolean;
}

/** An empty board. */
export const newBoard = (): Board => ({ targets: null, questions: new Map() });

type Watched = Pick<
  Ports,
  'listProviders' | 'readProvider' | 'listRoles' | 'attachedPolicies' | 'fetchDocument' | 'probeHost'
>;

/** The same ports, with every question and answer noted on the board. */
export function watch(ports: Watched, board: Board, config: MonitorConfig, now: Shell['now']): Watched {
  const note = async <T>(key: string, about: string, answer: Promise<T>): Promise<T> => {
    const question = { about, since: now().getTime(), answered: false };
    board.questions.set(key, question);
    try {
      return await answer;
    } finally {
      question.answered = true;
    }
  };
  return {
    listProviders: async () => {
      const listed = await note('list', 'the list of providers', ports.listProviders());
      board.targets = findTargets(config, listed.ok ? listed.value : []);
      return listed;
    },
    readProvider: (arn) => note(arn, 'IAM', ports.readProvider(arn)),
    listRoles: () => note('roles', 'the roles of the account', ports.listRoles()),
    attachedPolicies: (roleName) =>
      note(`role ${roleName}`, 'the policies of a role', ports.attachedPolicies(roleName)),
    fetchDocument: (url, step, mayBePrivate) =>
      note(url.href, url.host, ports.fetchDocument(url, step, mayBePrivate)),
    probeHost: (host, mayBePrivate) =>
      note(hostKey(host), `TLS of ${hostName(host)}`, ports.probeHost(host, mayBePrivate)),
  };
}

/** Longer than a good network needs. */
const SLOW_MS = 2_000;

/** One line: how many targets are done, and the request that has waited longest. */
export function progressLine({ targets, questions }: Board, now: Date): string {
  const isAnswered = (key: string): boolean => questions.get(key)?.answered === true;
  const done = (targets ?? []).filter(
    ({ issuer, providerArn }) =>
      isAnswered(discoveryUrl(issuer).href) &&
      isAnswered(hostKey(hostOf(issuer))) &&
      (providerArn === null || isAnswered(providerArn)),
  ).length;
  const slow = [...questions.values()]
    .filter(({ answered, since }) => !answered && now.getTime() - since >= SLOW_MS)
    .sort((a, b) => a.since - b.since)[0];
  const state = targets === null ? 'Listing the providers' : `${done} of ${targets.length} targets`;
  if (slow === undefined) return state;
  const seconds = Math.floor((now.getTime() - slow.since) / 1000);
  return `${state}, waiting for ${escapeForeign(slow.about)} (${seconds} s)`;
}

const REDRAW_MS = 100;
/** A shorter wait needs no line that flickers. */
const FIRST_MS = 400;

/** Shows the board on a terminal until the returned function is called, which leaves the line empty. */
export function showProgress(board: Board, { stderr, now }: Shell): () => Promise<void> {
  const start = now().getTime();
  let shown = false;
  const timer = setInterval(() => {
    const time = now();
    if (time.getTime() - start < FIRST_MS) return;
    shown = true;
    void stderr.write(`\r${fit(progressLine(board, time), stderr.columns - 1)}\u001b[K`);
  }, REDRAW_MS);
  return async () => {
    clearInterval(timer);
    if (shown) await stderr.write('\r\u001b[K');
  };
}

/** A person looks at stderr, and it is no CI system's log. */
export const wantsProgress = ({ stderr, environment }: Shell, quiet: boolean): boolean =>
  !quiet && stderr.isTerminal && environment['TERM'] !== 'dumb' && (environment['CI'] ?? '') === '';

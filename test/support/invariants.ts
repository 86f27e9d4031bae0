/** What must hold for every run. Each broken rule is a sentence. */
import { isDeepStrictEqual } from 'node:util';
import type { TargetReport } from '../../lambda/domain/types';
import type { Run } from './faults/run';
import { FOREIGN } from './faults/stage';
import type { Story } from './faults/story';

/** The faults of a run that are no bugs. */
const TYPED = new Set(['ConfigError', 'EventError', 'AccessError', 'PublishError']);
/** What hosts may send to one run: documents are at most 256 KiB, and some are requested three times. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Every rule, over a whole story. None broken: an empty list. */
export const violations = (story: Story): readonly string[] => [
  ...story.runs.flatMap((run, index) =>
    [
      ...oneResultEach(run, story),
      ...truthful(run),
      ...writes(run),
      ...told(run),
      ...bounded(run),
      ...failed(run),
      ...shown(run),
    ].map((words) => `Run ${index + 1}: ${words}`),
  ),
  ...alerted(story),
  ...story.leaks.map((leak) => `Something was left behind: ${leak}.`),
];

/** Exactly one result a target. */
function oneResultEach({ report }: Run, { world }: Story): readonly string[] {
  if (report === null) return [];
  const wanted = world.hosts.map(({ issuer }) => issuer).sort();
  const found = report.targets.map(({ issuer }) => issuer).sort();
  const isWhole = JSON.stringify(found) === JSON.stringify(wanted);
  return isWhole ? [] : [`the report has ${found.join(', ')}.`];
}

/** Unknown never becomes drift: a result is that of the list and of what is served, or there is none. */
const truthful = (run: Run): readonly string[] =>
  (run.report?.targets ?? []).flatMap((target) => lies(target, run));

function lies(
  { issuer, status, listed, expected, failure }: TargetReport,
  { truth }: Run,
): readonly string[] {
  const served = truth.get(issuer) ?? [];
  const lacks = served.some((one) => !listed.includes(one));
  return [
    ...(status === 'drifted' && !lacks ? [`${issuer} is called drifted, and lists all that is served.`] : []),
    ...(status === 'in-sync' && lacks ? [`${issuer} is called in sync, and lacks what is served.`] : []),
    ...((status === 'not-audited') === (failure === undefined)
      ? [`${issuer} is ${status} with failure ${failure?.code ?? 'none'}.`]
      : []),
    ...(status === 'not-audited' ? [] : expected.filter((one) => !served.includes(one))).map(
      (one) => `${issuer} is to list ${one}, which it does not serve.`,
    ),
  ];
}

/** Unknown never updates; an update preserves what is listed and adds what is served. */
function writes({ before, after, report, truth }: Run): readonly string[] {
  return [...after].flatMap(([arn, list]) => {
    const earlier = before.get(arn) ?? [];
    const issuer = `https://${arn.replace(/^.*oidc-provider\//, '')}`;
    if (JSON.stringify(earlier) === JSON.stringify(list) || list.length === 0) return [];
    const added = list.filter((one) => !earlier.includes(one));
    const target = report?.targets.find((one) => one.issuer === issuer);
    return [
      ...(earlier.every((one) => list.includes(one)) ? [] : [`the list of ${issuer} lost an entry.`]),
      ...(added.every((one) => one === FOREIGN || truth.get(issuer)?.includes(one))
        ? []
        : [`${issuer} got a strange entry.`]),
      ...(target?.status === 'not-audited' ? [`the list of ${issuer} was written unseen.`] : []),
    ];
  });
}

/** Messages say the same: drift only if it is there, its resolution only if it is resolved. */
const told = ({ messages, truth, before, after }: Run): readonly string[] =>
  messages.flatMap(({ events }) =>
    events.flatMap(({ eventType, issuer }) => {
      const host = issuer?.replace('https://', '') ?? '';
      const lists = [before, after].map(
        (all) => [...all].find(([arn]) => arn.endsWith(`/${host}`))?.[1] ?? [],
      );
      const lacks = lists.map((list) => (truth.get(issuer ?? '') ?? []).some((one) => !list.includes(one)));
      if (eventType === 'drift.firing' && !lacks.includes(true))
        return [`drift of ${host} is told, and there is none.`];
      if (eventType === 'drift.resolved' && !lacks.includes(false))
        return [`drift of ${host} is called over.`];
      return [];
    }),
  );

/** It ends in time, leaves no connection and no timer open, and reads no more than its limits. */
const bounded = ({ overran, leftOpen, leftCalls, timersLeft, taken }: Run): readonly string[] => [
  ...(overran ? ['it ran beyond its deadline.'] : []),
  ...(leftOpen > 0 ? [`it left ${leftOpen} connections open.`] : []),
  ...(leftCalls > 0 ? [`it left ${leftCalls} calls of AWS behind.`] : []),
  ...timersLeft.map((place) => `it left the timer of ${place}.`),
  ...(taken > MAX_BYTES ? [`it took ${taken} bytes.`] : []),
];

/** It fails only by errors that have a name, and if nothing could be published nothing was saved. */
function failed({ error, itemsBefore, itemsAfter, before, after }: Run): readonly string[] {
  if (error === null) return [];
  const name = error instanceof Error ? error.name : 'none';
  if (!TYPED.has(name))
    return [`it failed with ${name}, which is a bug: ${error instanceof Error ? error.message : ''}`];
  // An update is saved before it is alerted.
  const isWritten = !isDeepStrictEqual(before, after);
  const isKept = !isDeepStrictEqual(itemsBefore, itemsAfter);
  return isKept && !isWritten ? ['it failed, and the state was advanced.'] : [];
}

/** What others wrote is escaped: nothing moves the cursor or turns the text around. */
const shown = ({ report, messages }: Run): readonly string[] => [
  ...[report?.text ?? '', ...messages.map(({ text }) => text)].flatMap((text) =>
    /[^\P{Cc}\n]|\p{Cf}/u.test(text) ? ['its text holds control or formatting characters.'] : [],
  ),
  ...messages
    .filter(({ subject }) => !/^[\x20-\x7e]{1,99}$/.test(subject))
    .map(({ subject }) => `SNS takes no such subject: ${JSON.stringify(subject)}.`),
];

/** No alert is lost, and none is sent more often than it must be. */
function alerted(story: Story): readonly string[] {
  const { runs, world } = story;
  const events = runs.flatMap(({ messages }) => messages.flatMap((message) => message.events));
  const due = events.filter(({ issuer }) => issuer === world.drifting.issuer);
  const count = (type: string): number => due.filter(({ eventType }) => eventType === type).length;
  const [drift, updated] = [count('drift.firing'), count('updated')];
  const told = Math.max(drift, updated);
  return [
    ...(drift + updated === 0 ? ['The alert was lost.'] : []),
    ...(told > mostTellings(story) ? [`The alert was told ${told} times.`] : []),
  ];
}

/** Twice after a failure. Concurrent runs send it each, and if neither could save that, the next one does, too. */
function mostTellings({ acts, runs }: Story): number {
  const atOnce = acts.some(({ fault }) => fault.row === 38);
  const unkept = runs.some(({ report }) => report?.failures.some(({ step }) => step === 'state') === true);
  return atOnce && unkept ? 3 : 2;
}

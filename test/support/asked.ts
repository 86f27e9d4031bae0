/** Made-up input of the guards of an update. */
import { newTargetMemory } from '../../lambda/state/schema';
import type { UpdateQuestion } from '../../lambda/remediation/plan';
import { NOW, judged } from './observed';
import type { Hierarchy } from './observed';
import { drifted } from './reports';

/** The input before the candidates are known. */
export type Asked = Omit<UpdateQuestion, 'candidates'>;

/** The host of the input. */
export const HOST = 'ci.example.com';
/** The entries of its list. */
export const LISTED = 'a'.repeat(40);
/** A time before that of the run. */
export const hoursAgo = (hours: number): string => new Date(NOW.getTime() - hours * 3_600_000).toISOString();

/** An input that every guard permits: HOST serves this hierarchy and its intermediate is not listed. */
export function passingWith(served: Hierarchy): Asked {
  const target = drifted('a');
  const expected = [served.middle.thumbprint];
  const report = { ...target, listed: [LISTED], expected, proposed: expected };
  return {
    mode: 'guarded',
    isPermitted: true,
    holdDownHours: 24,
    observation: {
      target: { issuer: report.issuer, providerArn: report.providerArn, configured: true },
      discovery: { ok: true, value: { issuer: report.issuer, jwksUri: `https://${HOST}/keys` } },
      jwks: null,
      milliseconds: 1,
      provider: null,
      hosts: [judged(HOST, [{ chain: served.chain }])],
      trust: { roles: [], findings: [], skipped: [], notEvaluated: [] },
    },
    report,
    memory: {
      ...newTargetMemory(hoursAgo(48)),
      lastRun: NOW.toISOString(),
      jwksHost: `${HOST}:443`,
      thumbprints: expected.map((thumbprint) => ({
        thumbprint,
        first: hoursAgo(24),
        last: NOW.toISOString(),
        expected: NOW.toISOString(),
        streakSince: hoursAgo(24),
        streakRuns: 3,
      })),
    },
    isRemembered: true,
    confirmed: false,
    shared: new Set(),
    now: NOW,
  };
}

/** With every host of the input changed. */
export const withHost = (asked: Asked, changes: Partial<ReturnType<typeof judged>>): Asked => ({
  ...asked,
  observation: {
    ...asked.observation,
    hosts: asked.observation.hosts.map((host) => ({ ...host, ...changes })),
  },
});

/** With another thumbprint to add, which is marked as anchored. */
export const expecting = (asked: Asked, thumbprint: string): Asked => ({
  ...asked,
  report: { ...asked.report, expected: [thumbprint], proposed: [thumbprint] },
});

/** With every saved observation changed. */
export const streak = (asked: Asked, changes: object): Asked => ({
  ...asked,
  memory: {
    ...asked.memory,
    thumbprints: asked.memory.thumbprints.map((each) => ({ ...each, ...changes })),
  },
});

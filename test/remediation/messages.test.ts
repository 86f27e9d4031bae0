import { describe, expect, it } from '@jest/globals';
import { failure } from '../../lambda/domain/errors';
import {
  refusalFinding,
  reportPlan,
  sharedByUnrelatedHosts,
  updatedNotification,
  writeFailure,
} from '../../lambda/remediation/plan';
import { GUARDS } from '../../lambda/remediation/guards';
import type { Guard, GuardId } from '../../lambda/remediation/guards';
import type { Updated } from '../../lambda/checks/history/intents';
import { NOW } from '../support/observed';
import { ECDSA, OLD, RSA, drifted, inSync } from '../support/reports';

const target = drifted('a');
const ARN = target.providerArn ?? '';

const guardOf = (id: GuardId): Guard => {
  const [guard] = GUARDS.filter((each) => each.id === id);
  if (guard === undefined) throw new Error(`There is no guard ${id}.`);
  return guard;
};

describe('sharedByUnrelatedHosts', () => {
  const elsewhere = (digit: string) => ({ ...drifted(digit), issuer: `https://${digit}.example` });

  it('returns what more than one host lacks', () => {
    expect(sharedByUnrelatedHosts([elsewhere('a'), elsewhere('b')])).toEqual(new Set([RSA, ECDSA]));
    expect(sharedByUnrelatedHosts([elsewhere('a'), { ...elsewhere('b'), listed: [RSA] }])).toEqual(
      new Set([ECDSA]),
    );
  });

  it('does not return what the orgs of one host lack together', () => {
    expect(sharedByUnrelatedHosts([drifted('a'), drifted('b'), drifted('c')])).toEqual(new Set());
  });

  it('ignores a host of which nothing is to be repaired', () => {
    const calm = { ...elsewhere('b'), status: 'not-audited' as const };
    expect(sharedByUnrelatedHosts([elsewhere('a'), calm])).toEqual(new Set());
    expect(sharedByUnrelatedHosts([elsewhere('a'), inSync('b')])).toEqual(new Set());
  });
});

describe('reportPlan: a dry run of an update', () => {
  it('reports nothing without a plan', () => {
    expect(reportPlan({ kind: 'none' })).toBeNull();
  });

  it('names the guard that refuses', () => {
    const guard = guardOf('store');
    expect(reportPlan({ kind: 'refuse', guard, added: [RSA] })).toEqual({
      decision: 'refused',
      guard: 'store',
      message: guard.refused,
      list: null,
    });
  });

  it('names the thumbprints to add, and the new list', () => {
    const list = [OLD, RSA, ECDSA];
    expect(reportPlan({ kind: 'write', list, before: [OLD], added: [RSA, ECDSA] })).toEqual({
      decision: 'would-write',
      guard: null,
      message: `The monitor would add ${RSA}, ${ECDSA}.`,
      list,
    });
  });
});

describe('updatedNotification', () => {
  const updated: Updated = {
    before: [OLD, RSA],
    list: [OLD, RSA, ECDSA],
    added: [ECDSA],
    isVisible: true,
    by: 'monitor',
  };
  const messageOf = (changes: Partial<Updated>): string | undefined =>
    updatedNotification(target, { ...updated, ...changes }, NOW).findings[0]?.message;

  it('contains each list in full, and the command that reverts it', () => {
    const { findings, ...about } = updatedNotification(target, updated, NOW);
    expect(about).toEqual({
      eventType: 'updated',
      severity: 'medium',
      target,
      since: '2026-11-23T12:00:00.000Z',
    });
    expect(findings).toEqual([
      {
        check: 'THUMB001',
        severity: 'medium',
        change: { kind: 'list-updated', ...updated },
        message: `The monitor added ${ECDSA} to the thumbprint list of ${ARN}. Before: ${OLD}, ${RSA}. After: ${OLD}, ${RSA}, ${ECDSA}. IAM shows the new list. All conditions of an update were met.`,
        remedy: `No action is needed.\n\nTo undo the update (the monitor will not add the same thumbprint again):\n${commandFor(OLD, RSA)}`,
      },
    ]);
  });

  it('says that the list was empty, and that IAM does not show it yet', () => {
    expect(messageOf({ before: [], isVisible: false })).toContain(
      `Before: an empty list. After: ${OLD}, ${RSA}, ${ECDSA}. IAM accepted the update, but does not show it yet. All`,
    );
    expect(messageOf({ added: [RSA, ECDSA] })).toContain(`added ${RSA}, ${ECDSA} to`);
  });

  it('does not claim an update of which no run knows that IAM accepted it', () => {
    const [finding] = updatedNotification(target, { ...updated, by: 'unknown' }, NOW).findings;
    expect(finding?.message).toContain(
      `A run of the monitor started to add ${ECDSA} to the thumbprint list of ${ARN}, and ended before IAM confirmed the update. The update is in the list now. Either the monitor or somebody else made it. Before: ${OLD}, ${RSA}.`,
    );
    expect(finding?.message).not.toContain('The monitor added');
    expect(finding?.remedy).toContain('UpdateOpenIDConnectProviderThumbprint');
    expect(finding?.remedy.endsWith(commandFor(OLD, RSA))).toBe(true);
  });
});

describe('refusalFinding', () => {
  it('contains the guard, and the command to decide for', () => {
    const guard = guardOf('hold-down');
    expect(refusalFinding(target, guard, [RSA, ECDSA])).toEqual({
      check: 'THUMB001',
      severity: 'medium',
      subject: `hold-down ${RSA} ${ECDSA}`,
      message: `The thumbprint list of ${target.issuer} was not updated (guard: hold-down). ${guard.refused} The update would have added ${RSA}, ${ECDSA}.`,
      remedy: `Check the evidence.\n\nIf the certificate is correct, add its thumbprint yourself (existing entries stay):\n${commandFor(OLD, RSA, ECDSA)}`,
    });
  });

  it('says what to remove from a full list: first what was served without an anchor, then what was never served (fault 50)', () => {
    const full = ['1', '2', '3', '4', '5'].map((digit) => digit.repeat(40));
    const [ONE = '', TWO = '', THREE = '', FOUR = '', FIVE = ''] = full;
    const given = (anchored: readonly string[], seen: readonly string[]): string =>
      refusalFinding({ ...target, proposed: [RSA], listed: full }, guardOf('room'), [RSA], {
        anchored,
        known: seen,
      }).remedy;
    expect(given([ONE, TWO], full)).toContain(commandFor(ONE, TWO, FOUR, FIVE, RSA));
    expect(given([ONE, TWO], [ONE, TWO, FIVE])).toContain(commandFor(ONE, TWO, THREE, FOUR, RSA));
    expect(given(full, full)).not.toContain('aws iam');
    const finding = refusalFinding({ ...target, proposed: [RSA], listed: full }, guardOf('room'), [RSA]);
    expect(finding).toMatchObject({
      check: 'THUMB005',
      subject: `room ${RSA}`,
      remedy: expect.stringMatching(new RegExp(`Decide which entry to remove.*\n\nThen add .*: ${RSA}\\.$`)),
    });
  });

  it('contains the failure if IAM refused the update', () => {
    expect(writeFailure(target, failure('iam', 'AWS_ACCESS_DENIED', 'Denied.'))).toEqual({
      check: 'THUMB001',
      severity: 'medium',
      subject: 'write AWS_ACCESS_DENIED',
      message: `The thumbprint list of ${target.issuer} could not be updated. Denied.`,
      remedy: 'Look up AWS_ACCESS_DENIED in the runbook.',
    });
  });
});

const commandFor = (...list: readonly string[]): string =>
  `aws iam update-open-id-connect-provider-thumbprint \\\n  --open-id-connect-provider-arn ${ARN} \\\n  --thumbprint-list ${list.join(' ')}`;

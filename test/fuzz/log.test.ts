import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import * as v from 'valibot';
import { factsOf } from '../../lambda/domain/run-facts';
import { escapeForeign } from '../../lambda/text/escape';
import { openTelemetry } from '../../lambda/adapters/telemetry';
import { fuzzing } from '../support/fuzz';
import { hostileReports } from '../support/hostile-reports';
import { metricLinesOf } from '../support/metric-line';

const LINE = v.union([
  // The logger leaves out a message that is empty.
  v.looseObject({ step: v.string(), code: v.string(), message: v.exactOptional(v.string()) }),
  v.looseObject({ message: v.literal('target'), issuer: v.string(), providerArn: v.string() }),
]);

const none = { hasNoRecipients: null, unreadableItems: 0, conflicts: 0, isNotSaved: false };

let written: string[] = [];
let mocks: readonly { readonly mockRestore: () => void }[] = [];

beforeEach(() => {
  mocks = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      written.push(String(text));
      return true;
    }),
  );
});
afterEach(() => {
  for (const mock of mocks) mock.mockRestore();
});

describe('the log', () => {
  it('has a line of JSON for each target and failure and one for the figures, whatever others wrote', () => {
    let logged = 0;
    fc.assert(
      fc.property(hostileReports, (report) => {
        written = [];
        openTelemetry('monitor-1').finished(factsOf(report, none));
        const lines = written.join('').replace(/\n$/, '').split('\n');
        for (const line of lines) expect(line).toBe(escapeForeign(line));
        expect(metricLinesOf(lines)).toHaveLength(1);
        const logLines = lines
          .filter((line) => !line.includes('"_aws"'))
          .map((line) => v.parse(LINE, JSON.parse(line)));
        const issuers = logLines.flatMap((line) => ('issuer' in line ? [line.issuer] : []));
        expect(issuers).toEqual(report.targets.map(({ issuer }) => escapeForeign(issuer)));
        const codes = logLines.flatMap((line) => ('step' in line ? [line.code] : []));
        expect(codes).toEqual(report.failures.map(({ code }) => code));
        logged += codes.length;
      }),
      fuzzing(0.4),
    );
    expect(logged).toBeGreaterThan(0);
  });
});

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import * as v from 'valibot';
import { factsOf } from '../../lambda/domain/run-facts';
import { escapeForeign } from '../../lambda/text/escape';
import { openTelemetry } from '../../lambda/adapters/telemetry';
import { fuzzing } from '../support/fuzz';
import { hostileReports } from '../support/hostile-reports';
import { metricLinesOf } from '../support/metric-line';

const LINE = v.looseObject({ message: v.literal('target'), issuer: v.string(), providerArn: v.string() });

const none = { hasNoRecipients: null, unreadableItems: 0, conflicts: 0, isNotSaved: false };

let written: string[] = [];
let mock: { readonly mockRestore: () => void };

beforeEach(() => {
  mock = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
});
afterEach(() => mock.mockRestore());

describe('the log', () => {
  it('has a line of JSON for each target and one for the figures, whatever others wrote', () => {
    let logged = 0;
    fc.assert(
      fc.property(hostileReports, (report) => {
        written = [];
        openTelemetry('monitor-1').finished(factsOf(report, none));
        const lines = written.join('').replace(/\n$/, '').split('\n');
        for (const line of lines) expect(line).toBe(escapeForeign(line));
        expect(metricLinesOf(lines)).toHaveLength(1);
        const targets = lines
          .filter((line) => !line.includes('"_aws"'))
          .map((line) => v.parse(LINE, JSON.parse(line)));
        expect(targets.map(({ issuer }) => issuer)).toEqual(
          report.targets.map(({ issuer }) => escapeForeign(issuer)),
        );
        logged += targets.length;
      }),
      fuzzing(0.4),
    );
    expect(logged).toBeGreaterThan(0);
  });
});

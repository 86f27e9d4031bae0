import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EventError } from '../../lambda/domain/errors';
import { isScheduled, narrow, parseEvent } from '../../lambda/config/event';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const ORG_ISSUER = `https://oidc.circleci.com/org/${ORG}`;
const SERVER = 'https://ci.example.com';

describe('parseEvent', () => {
  it.each([
    [null, 'audit', null],
    [undefined, 'audit', null],
    [{}, 'audit', null],
    [{ action: 'monitor' }, 'monitor', null],
    [{ action: 'audit' }, 'audit', null],
    [{ action: 'test-alert' }, 'test-alert', null],
    [{ action: undefined, orgs: undefined, issuers: undefined }, 'audit', null],
    [{ orgs: [ORG.toUpperCase()] }, 'audit', [ORG_ISSUER]],
    [{ action: 'monitor', issuers: ['https://CI.example.com:443'] }, 'monitor', [SERVER]],
    [{ orgs: [ORG], issuers: [SERVER, ORG_ISSUER, SERVER] }, 'audit', [ORG_ISSUER, SERVER]],
  ])('accepts %j', (value, action, selection) => {
    expect(parseEvent(value)).toEqual({ action, selection });
  });

  const anObject = 'event: must be an object such as {"action": "audit"}; it is';
  const anEnvelope =
    'event: is an EventBridge event (it has source or detail-type). Configure the constant input {"action":"monitor"} in the schedule or rule.';
  const empty = 'is empty, so nothing would be checked. Name at least one, or remove the key to check all.';

  it.each([
    ['monitor', `${anObject} "monitor".`],
    ['', `${anObject} "".`],
    [[], `${anObject} a list.`],
    [0, `${anObject} 0.`],
    [false, `${anObject} false.`],
    [{ action: 'update' }, 'action: "update" is not known. Use one of: monitor, audit, test-alert.'],
    [{ action: 'Monitor' }, 'action: "Monitor" is not known. Use one of: monitor, audit, test-alert.'],
    [{ action: null }, 'action: must be one of monitor, audit, test-alert; it is null.'],
    [{ action: ['audit'] }, 'action: must be one of monitor, audit, test-alert; it is a list.'],
    [{ org: [ORG] }, 'org: is not a known key. Use one of: action, issuers, orgs.'],
    [JSON.parse('{"__proto__": {}}'), '__proto__: is not a known key. Use one of: action, issuers, orgs.'],
    [{ orgs: [] }, `orgs: ${empty}`],
    [{ issuers: [] }, `issuers: ${empty}`],
    [{ orgs: ORG }, `orgs: must be a list such as ["${ORG}"]; it is "${ORG}".`],
    [
      { issuers: SERVER },
      'issuers: must be a list such as ["https://ci.example.com"]; it is "https://ci.example.com".',
    ],
    [{ issuers: null }, 'issuers: must be a list such as ["https://ci.example.com"]; it is null.'],
    [
      { orgs: [ORG, `${ORG}4`] },
      `orgs[1]: "${ORG}4" is not a CircleCI org id: it has 37 characters, a UUID has 36. Copy it from Organization Settings > Overview.`,
    ],
    [
      { issuers: ['http://ci.example.com', 7] },
      'issuers[0]: "http://ci.example.com" is not an issuer URL: it must begin with https:// and a host. IAM accepts nothing else.\nissuers[1]: must be a string; it is 7.',
    ],
    [{ version: '0', source: 'aws.scheduler', 'detail-type': 'Scheduled Event', detail: {} }, anEnvelope],
    [{ source: 'aws.events' }, anEnvelope],
    [{ 'detail-type': 'Scheduled Event', action: 'monitor' }, anEnvelope],
  ])('refuses %j', (value, message) => {
    expect(() => parseEvent(value)).toThrow(EventError);
    expect(() => parseEvent(value)).toThrow(new EventError(message));
  });
});

describe('narrow: the event limits the configuration', () => {
  const permitted = [SERVER, ORG_ISSUER];

  it('permits everything if the event does not narrow', () => {
    expect(narrow(parseEvent(null), permitted)).toEqual(permitted);
  });

  it('returns the part that the event asks for', () => {
    expect(narrow(parseEvent({ orgs: [ORG] }), permitted)).toEqual([ORG_ISSUER]);
    expect(narrow(parseEvent({ orgs: [ORG], issuers: [SERVER] }), permitted)).toEqual(permitted);
  });

  it('refuses everything that the configuration does not permit', () => {
    const other = '00000000-0000-4000-8000-000000000000';
    const ofServer = `${SERVER}/org/${other}`;
    const event = parseEvent({ orgs: [ORG, other], issuers: ['https://gitlab.com', ofServer, SERVER] });
    expect(() => narrow(event, permitted)).toThrow(
      new EventError(
        [
          `orgs: "${other}" is not in the configuration, and discover finds no such provider in the account. Remove it from the event, or add it to orgs in the configuration and deploy.`,
          'issuers: "https://gitlab.com" is not in the configuration, and discover finds no such provider in the account. Remove it from the event, or add it to issuers in the configuration and deploy.',
          `issuers: "${ofServer}" is not in the configuration, and discover finds no such provider in the account. Remove it from the event, or add it to issuers in the configuration and deploy.`,
        ].join('\n'),
      ),
    );
  });

  it('never widens', () => {
    const issuer: fc.Arbitrary<string> = fc.constantFrom(
      'https://a.example',
      'https://b.example',
      'https://c.example',
    );
    fc.assert(
      fc.property(fc.uniqueArray(issuer), fc.array(issuer, { minLength: 1 }), (allowed, issuers) => {
        try {
          const left = narrow(parseEvent({ issuers }), allowed);
          expect(left.every((one) => allowed.includes(one) && issuers.includes(one))).toBe(true);
          expect(new Set(left)).toEqual(new Set(issuers));
        } catch (error) {
          expect(error).toBeInstanceOf(EventError);
          expect(issuers.every((one) => allowed.includes(one))).toBe(false);
        }
      }),
    );
  });
});

describe('isScheduled', () => {
  it.each([
    [{ action: 'monitor' }, true],
    [{ action: 'monitor', orgs: 'what is no list' }, true],
    [{ action: 'audit' }, false],
    [{}, false],
    [{ event: 'monitor' }, false],
    ['monitor', false],
    [null, false],
    [undefined, false],
  ])('of %j: %s', (event, expected) => {
    expect(isScheduled(event)).toBe(expected);
  });
});

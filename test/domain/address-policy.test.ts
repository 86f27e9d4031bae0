import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { classifyAddress } from '../../lambda/domain/address-policy';

describe('classifyAddress', () => {
  it.each([
    ['127.0.0.1', 'loopback'],
    ['0177.0.0.1', 'loopback'],
    ['2130706433', 'loopback'],
    ['0x7f.1', 'loopback'],
    ['10.1.2.3', 'private'],
    ['172.16.0.1', 'private'],
    ['192.168.1.1', 'private'],
    ['169.254.169.254', 'linkLocal'],
    ['100.64.0.1', 'carrierGradeNat'],
    ['0.0.0.0', 'unspecified'],
    ['224.0.0.1', 'multicast'],
    ['192.0.2.1', 'reserved'],
    ['255.255.255.255', 'broadcast'],
    ['::1', 'loopback'],
    ['::', 'unspecified'],
    ['fe80::1', 'linkLocal'],
    ['fe80::1%eth0', 'linkLocal'],
    ['fd00:ec2::254', 'metadata'],
    ['fd00:ec2::23', 'metadata'],
    ['fd20:ce::254', 'metadata'],
    ['100.100.100.200', 'metadata'],
    ['168.63.129.16', 'metadata'],
    ['::ffff:100.100.100.200', 'metadata'],
    ['64:ff9b::a9fe:a9fe', 'linkLocal'],
    ['::ffff:10.0.0.1', 'private'],
    ['::ffff:7f00:1', 'loopback'],
    ['64:ff9b::a00:1', 'private'],
    ['64:ff9b:1::808:808', 'rfc6052'],
    ['2002:7f00:1::', '6to4'],
    ['2001::1', 'teredo'],
    ['2001:db8::1', 'reserved'],
    ['4000::1', 'unallocated'],
    ['localhost', 'not an address'],
    ['', 'not an address'],
  ])('refuses %s as %s', (address, reason) => {
    expect(classifyAddress(address)).toBe(reason);
  });

  it.each(['8.8.8.8', '2600:9000::1', '::ffff:8.8.8.8', '64:ff9b::808:808'])('permits %s', (address) => {
    expect(classifyAddress(address)).toBeNull();
  });

  it.each(['10.1.2.3', '127.0.0.1', '100.64.0.1', '::1', 'fd00::1', '::ffff:10.0.0.1', '64:ff9b::a00:1'])(
    'permits %s if private addresses are permitted',
    (address) => {
      expect(classifyAddress(address, true)).toBeNull();
    },
  );

  const NEVER = fc.oneof(
    fc.ipV4().map((address) => address.replace(/^\d+\.\d+/, '169.254')),
    fc.constantFrom(
      '100.100.100.200',
      '168.63.129.16',
      '0.0.0.0',
      '224.0.0.1',
      '255.255.255.255',
      '192.0.0.192',
    ),
  );

  it('never permits link-local, metadata and special IPv4 addresses, in any notation', () => {
    fc.assert(
      fc.property(NEVER, (address) => {
        for (const written of [address, `::ffff:${address}`, `64:ff9b::${address}`]) {
          expect(classifyAddress(written, true)).not.toBeNull();
        }
      }),
    );
  });

  it('never permits IPv6 addresses that are link-local, of metadata services, or not unicast', () => {
    const hexes = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
    const block = fc.constantFrom('fe80', 'fe9a', 'febf', 'fd00:ec2', 'ff02');
    fc.assert(
      fc.property(block, hexes, (prefix, rest) => {
        expect(classifyAddress(`${prefix}::${rest}`, true)).not.toBeNull();
      }),
    );
  });

  it('classifies mapped and translated IPv4 by its IPv4 address', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(classifyAddress(`::ffff:${address}`)).toBe(classifyAddress(address));
        expect(classifyAddress(`64:ff9b::${address}`)).toBe(classifyAddress(address));
      }),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => classifyAddress(text)).not.toThrow();
      }),
    );
  });
});

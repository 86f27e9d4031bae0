import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judgeAddress } from '../../../lambda/core/certificates/address';

describe('judgeAddress', () => {
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
    ['fd00:ec2::254', 'uniqueLocal'],
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
    expect(judgeAddress(address)).toBe(reason);
  });

  it.each(['8.8.8.8', '2600:9000::1', '::ffff:8.8.8.8', '64:ff9b::808:808'])('permits %s', (address) => {
    expect(judgeAddress(address)).toBeNull();
  });

  it('judges mapped and translated IPv4 as the IPv4 it stands for', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(judgeAddress(`::ffff:${address}`)).toBe(judgeAddress(address));
        expect(judgeAddress(`64:ff9b::${address}`)).toBe(judgeAddress(address));
      }),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => judgeAddress(text)).not.toThrow();
      }),
    );
  });
});

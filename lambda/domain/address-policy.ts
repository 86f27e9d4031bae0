/** Which addresses a run may connect to: the guard against server-side request forgery. */
import ipaddr from 'ipaddr.js';

/**
 * Only this block of IPv6 has been allocated as global unicast: RFC 4291 section 2.4 and the IANA registry.
 */
const GLOBAL_UNICAST_V6 = ipaddr.IPv6.parseCIDR('2000::/3');
/** The well-known NAT64 prefix, whose last 32 bits are an IPv4 address: RFC 6052 section 2.1. */
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/**
 * Metadata services, which serve credentials, outside the link-local blocks: Amazon EC2 and EKS over IPv6
 * (and the other services of that block), Google Cloud over IPv6, Alibaba Cloud, Azure.
 */
const METADATA_V6 = [ipaddr.IPv6.parseCIDR('fd00:ec2::/32'), ipaddr.IPv6.parseCIDR('fd20:ce::254/128')];
const METADATA_V4 = [ipaddr.IPv4.parseCIDR('100.100.100.200/32'), ipaddr.IPv4.parseCIDR('168.63.129.16/32')];

/**
 * The ranges of private networks. Link-local, metadata, multicast and reserved addresses are not among them.
 */
const PRIVATE_RANGES = ['private', 'loopback', 'uniqueLocal', 'carrierGradeNat'];

/**
 * Why an address is refused, in the words of the IANA special-purpose registries (`private`, `loopback`,
 * `linkLocal`, `carrierGradeNat`, `uniqueLocal`, …), or null if it is public unicast. IPv4 that is mapped
 * (`::ffff:0:0/96`) or translated (NAT64, `64:ff9b::/96`) is classified as the IPv4 address that it contains.
 * `mayBePrivate`: private and loopback addresses are permitted, too, and no others.
 * Source: RFC 6890 and the IANA registries, as ipaddr.js carries them.
 */
export function classifyAddress(address: string, mayBePrivate = false): string | null {
  const range = rangeOf(address);
  return range === 'unicast' || (mayBePrivate && isPrivateRange(range)) ? null : range;
}

/** Whether an address is permitted if, and only if, `mayBePrivate` is true. */
export const isPrivateAddress = (address: string): boolean => isPrivateRange(rangeOf(address));

const isPrivateRange = (range: string): boolean => PRIVATE_RANGES.includes(range);

function rangeOf(address: string): string {
  if (!ipaddr.isValid(address)) return 'not an address';
  const parsed = ipaddr.parse(address);
  return parsed instanceof ipaddr.IPv6 ? rangeOfV6(parsed) : rangeOfV4(parsed);
}

const rangeOfV4 = (address: ipaddr.IPv4): string =>
  METADATA_V4.some((block) => address.match(block)) ? 'metadata' : address.range();

function rangeOfV6(address: ipaddr.IPv6): string {
  if (address.isIPv4MappedAddress()) return rangeOfV4(address.toIPv4Address());
  if (address.match(NAT64)) return rangeOf(address.toByteArray().slice(12).join('.'));
  if (METADATA_V6.some((block) => address.match(block))) return 'metadata';
  const range = address.range();
  return range !== 'unicast' || address.match(GLOBAL_UNICAST_V6) ? range : 'unallocated';
}

/**
 * Whether a request for `url`, made because of `issuer`, may go to a private or loopback address. Both must
 * be valid URLs.
 */
export type MayBePrivate = (url: string, issuer: string) => boolean;

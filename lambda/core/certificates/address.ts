/** Which addresses a run may connect to: the guard against server-side request forgery. */
import ipaddr from 'ipaddr.js';

/** Only this block of IPv6 has been handed out as global unicast: RFC 4291 section 2.4 and the IANA registry. */
const GLOBAL_UNICAST_V6 = ipaddr.IPv6.parseCIDR('2000::/3');
/** The well-known NAT64 prefix, whose last 32 bits are an IPv4 address: RFC 6052 section 2.1. */
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/**
 * Why an address is refused, in the words of the IANA special-purpose registries (`private`, `loopback`,
 * `linkLocal`, `carrierGradeNat`, `uniqueLocal`, …), or null where it is public unicast. IPv4 that is mapped
 * (`::ffff:0:0/96`) or translated (NAT64, `64:ff9b::/96`) is judged as the IPv4 address it stands for.
 * Source: RFC 6890 and the IANA registries, as ipaddr.js carries them.
 */
export function judgeAddress(address: string): string | null {
  if (!ipaddr.isValid(address)) return 'not an address';
  const parsed = ipaddr.parse(address);
  return parsed instanceof ipaddr.IPv6 ? judgeV6(parsed) : allowUnicast(parsed.range());
}

function judgeV6(address: ipaddr.IPv6): string | null {
  if (address.isIPv4MappedAddress()) return allowUnicast(address.toIPv4Address().range());
  if (address.match(NAT64)) return judgeAddress(address.toByteArray().slice(12).join('.'));
  const refused = allowUnicast(address.range());
  return refused ?? (address.match(GLOBAL_UNICAST_V6) ? null : 'unallocated');
}

const allowUnicast = (range: string): string | null => (range === 'unicast' ? null : range);

/**
 * Faults for which a row expects the same as for one that test/faults plays. Answers of a DNS server for IPv4 again by
 * a real one, and all faults of AWS with moto_server behind the proxy: a complete emulator instead of the embedded one.
 */
import { motoAws } from '../support/faults/aws';
import { CATALOGUE, furtherFaults } from '../support/faults/catalogue';
import { SERVED_DNS } from '../support/faults/catalogue/dns';
import { GROUPS } from '../support/faults/fault';
import { servedNames } from '../support/faults/names';
import { suite } from '../support/faults/suite';
import { motoIsThere } from '../support/moto';

for (const group of GROUPS) {
  const faults = furtherFaults(CATALOGUE[group]);
  if (faults.length > 0) suite(group, { name: `${group}, further ones`, faults });
}

suite('DNS', { name: 'DNS, by a real server', faults: SERVED_DNS, openNames: servedNames });

for (const group of ['AWS', 'SNS', 'State'] as const) {
  const beforeMoto = { openAws: motoAws, isThere: motoIsThere };
  suite(group, { name: `${group}, before moto_server`, faults: CATALOGUE[group], ...beforeMoto });
}

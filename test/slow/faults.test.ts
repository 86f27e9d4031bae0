/**
 * Faults for which a row asks the same as for one that test/faults plays, and all faults of AWS once more with
 * moto_server behind the proxy: what a grown emulator makes of them.
 */
import { motoAws } from '../support/faults/aws';
import { CATALOGUE, furtherFaults } from '../support/faults/catalogue';
import { GROUPS } from '../support/faults/fault';
import { suite } from '../support/faults/suite';
import { motoIsThere } from '../support/moto';

for (const group of GROUPS) {
  const faults = furtherFaults(CATALOGUE[group]);
  if (faults.length > 0) suite(group, { name: `${group}, further ones`, faults });
}

for (const group of ['AWS', 'SNS', 'State'] as const) {
  const beforeMoto = { openAws: motoAws, isThere: motoIsThere };
  suite(group, { name: `${group}, before moto_server`, faults: CATALOGUE[group], ...beforeMoto });
}

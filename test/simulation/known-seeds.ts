/**
 * Seeds whose stories once failed. The quick test lives these schedules again in each run, and
 * `npm run soak -- --known` these years, which take too long for it.
 */
export const KNOWN_SCHEDULES: readonly string[] = [
  'alpha-453',
  'alpha-1142',
  'beta-169',
  'beta-622',
  'beta-1091',
  'beta-1369',
  'turn2-290',
  'turn2-399',
  'turn2-603',
  'turn2-638',
  'turn2-981',
  'new-52',
  'new-85',
  'new1-108',
  'new1-194',
  'new1-943',
  '02672dfd-2026',
  '02672dfd-2369',
];

/** Years of 365 days. */
export const KNOWN_YEARS: readonly string[] = [
  'turn2-c',
  'turn2-e',
  'turn2-h',
  'turn2-i',
  'turn2-k',
  'turn2-l',
  '52b97ce4-5',
];

/** What a thumbprint is called, for people. */
import type { TargetReport } from '../../lambda/domain/types';
import { knownCertificate } from '../../lambda/x509/known-certificates';
import { normaliseThumbprint } from '../../lambda/x509/thumbprint';

/** The name of a well-known certificate, the subject of a served one, "a placeholder", or null. Not escaped. */
export function nameOfThumbprint(listed: string, { chains }: TargetReport): string | null {
  const thumbprint = normaliseThumbprint(listed);
  const served = chains
    .flatMap(({ certificates }) => certificates)
    .find((certificate) => certificate.thumbprint === thumbprint);
  if (/^(.)\1{39}$/.test(thumbprint)) return 'a placeholder';
  return knownCertificate(thumbprint) ?? served?.subject ?? null;
}

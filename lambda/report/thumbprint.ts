/** What a thumbprint is: the one place where it gets a name. */
import type { ReportedCertificate, TargetReport } from '../domain/types';
import { knownCertificate } from '../x509/known-certificates';
import { normaliseThumbprint } from '../x509/thumbprint';

/** What is known of a listed thumbprint. All null and false: nothing. */
export interface IdentifiedThumbprint {
  /** In lower case, without colons. */
  readonly thumbprint: string;
  /** The certificate, if a host of the target serves it. */
  readonly served: ReportedCertificate | null;
  /** The name of a well-known certificate. Not escaped. */
  readonly known: string | null;
  /** Forty equal digits, as examples have them. */
  readonly isPlaceholder: boolean;
}

/** Looks a thumbprint up among the served and the well-known certificates. */
export function identifyThumbprint(
  listed: string,
  { chains }: Pick<TargetReport, 'chains'>,
): IdentifiedThumbprint {
  const thumbprint = normaliseThumbprint(listed);
  const certificates = chains.flatMap((chain) => chain.certificates);
  return {
    thumbprint,
    served: certificates.find((certificate) => certificate.thumbprint === thumbprint) ?? null,
    known: knownCertificate(thumbprint),
    isPlaceholder: /^(.)\1{39}$/.test(thumbprint),
  };
}

/** A name for a list: of a well-known certificate, the subject of a served one, "a placeholder", or null. Not escaped. */
export function nameOfThumbprint(listed: string, target: Pick<TargetReport, 'chains'>): string | null {
  const { served, known, isPlaceholder } = identifyThumbprint(listed, target);
  return isPlaceholder ? 'a placeholder' : (known ?? served?.subject ?? null);
}

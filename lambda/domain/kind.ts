/** What a finding is news of: each kind has its own events and its own rules of telling. */
import type { CheckId, Finding } from './types';

/** `keys` and `change` are told once; `drift` and `finding` fire and are resolved; `unknown` explains why nothing could be seen. */
export type Kind = 'drift' | 'unknown' | 'keys' | 'change' | 'finding';

const KINDS: Partial<Record<CheckId, Kind>> = {
  THUMB001: 'drift',
  THUMB002: 'drift',
  THUMB006: 'drift',
  THUMB007: 'drift',
  DISC001: 'unknown',
  JWKS002: 'keys',
  THUMB008: 'change',
  PROV006: 'change',
  PROV007: 'change',
};

/** Findings that are counted in the report and never sent: nobody can do anything about them. */
export const isCountedOnly = ({ check, severity }: Pick<Finding, 'check' | 'severity'>): boolean =>
  check === 'CERT007' && severity === 'info';

/** The kind of a check's findings. */
export const kindOf = (check: CheckId): Kind => KINDS[check] ?? 'finding';

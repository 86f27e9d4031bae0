/** Every check in a few words that are true when it passes, and what it needs before it can be said to pass. */
import { CHECK_TITLES } from '../../lambda/domain/check-titles';
import type { CheckId, Step, TargetReport } from '../../lambda/domain/types';

/**
 * What a check rests on. `memory`: what earlier runs saw, which an audit does not have. `missing`: nothing but the list
 * of providers. `run`: it belongs to no target.
 */
export type Needs =
  'list' | 'anchors' | 'provider' | 'chains' | 'documents' | 'keys' | 'roles' | 'missing' | 'memory' | 'run';

/** A check for people who read lists of them. */
export interface Check {
  readonly title: string;
  readonly needs: Needs;
}

const check = (needs: Needs, id: CheckId): Check => ({ needs, title: CHECK_TITLES[id] });

/** A check that is not here does not compile. */
export const CHECKS: Readonly<Record<CheckId, Check>> = {
  THUMB001: check('list', 'THUMB001'),
  THUMB002: check('list', 'THUMB002'),
  THUMB003: check('memory', 'THUMB003'),
  THUMB004: check('provider', 'THUMB004'),
  THUMB005: check('provider', 'THUMB005'),
  THUMB006: check('list', 'THUMB006'),
  THUMB007: check('list', 'THUMB007'),
  THUMB008: check('memory', 'THUMB008'),
  CERT001: check('chains', 'CERT001'),
  CERT002: check('chains', 'CERT002'),
  CERT003: check('chains', 'CERT003'),
  CERT004: check('chains', 'CERT004'),
  CERT005: check('chains', 'CERT005'),
  CERT006: check('list', 'CERT006'),
  CERT007: check('anchors', 'CERT007'),
  NET001: check('chains', 'NET001'),
  NET002: check('chains', 'NET002'),
  DISC001: check('documents', 'DISC001'),
  DISC002: check('documents', 'DISC002'),
  DISC003: check('documents', 'DISC003'),
  DISC004: check('memory', 'DISC004'),
  JWKS001: check('keys', 'JWKS001'),
  JWKS002: check('memory', 'JWKS002'),
  JWKS003: check('keys', 'JWKS003'),
  PROV001: check('missing', 'PROV001'),
  PROV002: check('provider', 'PROV002'),
  PROV003: check('provider', 'PROV003'),
  PROV004: check('roles', 'PROV004'),
  PROV005: check('provider', 'PROV005'),
  PROV006: check('memory', 'PROV006'),
  PROV007: check('memory', 'PROV007'),
  TRUST001: check('roles', 'TRUST001'),
  TRUST002: check('roles', 'TRUST002'),
  TRUST003: check('roles', 'TRUST003'),
  TRUST004: check('roles', 'TRUST004'),
  TRUST005: check('roles', 'TRUST005'),
  TRUST006: check('roles', 'TRUST006'),
  TRUST007: check('roles', 'TRUST007'),
  OPS001: check('run', 'OPS001'),
  OPS002: check('run', 'OPS002'),
};

/** Why a check without a finding cannot be said to have passed; null: it has. */
export const notEvaluatedReason = (needs: Needs, target: TargetReport): string | null =>
  REASONS[needs](target);

const LATER = 'An audit does not judge it.';

const REASONS: Readonly<Record<Needs, (target: TargetReport) => string | null>> = {
  memory: () => LATER,
  run: () => LATER,
  missing: (target) => blindAt(target, 'iam', 'deadline'),
  provider: (target) => blindAt(target, 'iam', 'deadline') ?? withoutProvider(target),
  list: (target) => target.failure?.message ?? withoutProvider(target),
  anchors: (target) =>
    REASONS.list(target) ??
    (target.proposed === undefined || target.proposed.length === 0 ? 'No chain was verified.' : null),
  documents: (target) =>
    blindAt(target, 'discovery', 'deadline') ?? (wereRead(target) ? null : 'No document was read.'),
  chains: (target) =>
    blindAt(target, 'discovery', 'tls', 'deadline') ??
    (target.chains.length > 0 ? null : 'No chain was seen.'),
  keys: ({ signingKeys }) => (signingKeys.length > 0 ? null : 'No signing key was read.'),
  roles: ({ roles }) => (roles.length > 0 ? null : 'No role of the provider was read.'),
};

const blindAt = ({ failure }: TargetReport, ...steps: readonly Step[]): string | null =>
  failure !== undefined && steps.includes(failure.step) ? failure.message : null;

const withoutProvider = ({ providerArn }: TargetReport): string | null =>
  providerArn === null ? 'There is no provider.' : null;

/** Documents are read over verified connections only. */
const wereRead = ({ signingKeys, chains }: TargetReport): boolean =>
  signingKeys.length > 0 || chains.every(({ publiclyTrusted }) => publiclyTrusted);

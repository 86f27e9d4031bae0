/** Every check in a few words that are true when it passes, and what it needs before it can be said to pass. */
import type { CheckId, Step, TargetReport } from '../lambda/core/domain';

/**
 * What a check rests on. `memory`: what earlier runs saw, which an audit does not have. `missing`: nothing but the list
 * of providers. `run`: it belongs to no target.
 */
export type Needs =
  'list' | 'provider' | 'chains' | 'documents' | 'keys' | 'roles' | 'missing' | 'memory' | 'run';

/** A check for people who read lists of them. */
export interface Check {
  readonly title: string;
  readonly needs: Needs;
}

const check = (needs: Needs, title: string): Check => ({ needs, title });

/** A check that is not here does not compile. */
export const CHECKS: Readonly<Record<CheckId, Check>> = {
  THUMB001: check('list', 'a served certificate is listed'),
  THUMB002: check('list', 'the top certificate of the chain is listed'),
  THUMB003: check('memory', 'every listed thumbprint is served'),
  THUMB004: check('provider', 'the list is well formed'),
  THUMB005: check('provider', 'the list has room for a rotation'),
  THUMB006: check('list', 'every chain of the host is covered'),
  THUMB007: check('list', 'the discovery host is covered, too'),
  THUMB008: check('memory', 'nobody else has added thumbprints'),
  CERT001: check('chains', 'no served certificate expires soon'),
  CERT002: check('chains', 'the chain is in order'),
  CERT003: check('chains', 'the chain is complete'),
  CERT004: check('chains', 'keys, signatures and TLS are strong'),
  CERT005: check('chains', 'certificates are valid for host and date'),
  CERT006: check('list', 'the chain can be verified from here'),
  NET001: check('chains', 'nobody intercepts our own path'),
  NET002: check('chains', 'the host has a public address'),
  DISC001: check('documents', 'the discovery document can be read'),
  DISC002: check('documents', 'the issuer is what the provider trusts'),
  DISC003: check('documents', 'the jwks_uri is fit for use'),
  DISC004: check('memory', 'documents arrive in time'),
  JWKS001: check('keys', 'the JWKS has usable signing keys'),
  JWKS002: check('memory', 'the signing keys are those of before'),
  JWKS003: check('keys', 'the signing keys are strong'),
  PROV001: check('missing', 'the provider exists'),
  PROV002: check('provider', 'the audiences are right'),
  PROV003: check('provider', 'the issuer is that of one org'),
  PROV004: check('roles', 'a role uses the provider'),
  PROV005: check('provider', 'it is the only provider of its org'),
  PROV006: check('memory', 'no provider has appeared or vanished'),
  PROV007: check('memory', 'no audience was added'),
  TRUST001: check('roles', 'roles admit one project only'),
  TRUST002: check('roles', 'no wildcard stands before the project'),
  TRUST003: check('roles', 'conditions name the right org, by operators that hold'),
  TRUST004: check('roles', 'roles ask for an audience'),
  TRUST005: check('roles', 'powerful roles ask for a ref'),
  TRUST006: check('roles', 'roles trust providers that exist'),
  TRUST007: check('roles', 'some token can satisfy each condition'),
  OPS001: check('run', 'somebody gets the alerts'),
};

/** Why a check without a finding cannot be said to have passed; null: it has. */
export const notJudged = (needs: Needs, target: TargetReport): string | null => REASONS[needs](target);

const LATER = 'An audit does not judge it.';

const REASONS: Readonly<Record<Needs, (target: TargetReport) => string | null>> = {
  memory: () => LATER,
  run: () => LATER,
  missing: (target) => blindAt(target, 'iam', 'deadline'),
  provider: (target) => blindAt(target, 'iam', 'deadline') ?? withoutProvider(target),
  list: (target) => target.failure?.message ?? withoutProvider(target),
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

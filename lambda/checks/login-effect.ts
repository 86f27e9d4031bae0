/** What findings mean for the logins of a target: they fail, they work, or it is not known. */
import type { CheckId } from '../domain/checks';
import { STATEMENTS } from '../domain/logins';
import type { LoginEffect } from '../domain/logins';
import type { Finding, TargetReport } from '../domain/types';
import { openFindings } from './suppressions';

/** The facts that decide, besides the check. `enforced`: as in the report; null also without a target. */
interface Circumstances {
  readonly finding: Pick<Finding, 'severity' | 'subject' | 'change' | 'message'>;
  readonly enforced: boolean | null;
}

type Rule = LoginEffect | ((circumstances: Circumstances) => LoginEffect);

/** A list that lacks a certificate: critical is every certificate that AWS may compare. */
const lackingList: Rule = ({ finding, enforced }) => {
  if (enforced === false) return 'none';
  return enforced === true && finding.severity === 'critical' ? 'fail' : 'unknown';
};

/**
 * Of checks whose effect depends on the other statements of a policy, or on the other audiences of a provider: their messages
 * say it. `otherwise`: if a message says nothing.
 */
const asStated =
  (otherwise: LoginEffect): Rule =>
  ({ finding: { message } }) =>
    EFFECTS.find((effect) => message.includes(STATEMENTS[effect])) ?? otherwise;

const RULES: Readonly<Record<CheckId, Rule>> = {
  THUMB001: lackingList,
  THUMB002: lackingList,
  THUMB003: 'none',
  THUMB004: 'none',
  THUMB005: 'none',
  THUMB006: lackingList,
  THUMB007: lackingList,
  THUMB008: 'none',
  CERT001: 'none',
  CERT002: 'unknown',
  CERT003: 'unknown',
  CERT004: 'none',
  CERT005: 'fail',
  CERT006: 'none',
  CERT007: ({ enforced }) => (enforced === false ? 'none' : 'unknown'),
  NET001: 'unknown',
  NET002: 'unknown',
  DISC001: 'unknown',
  DISC002: 'fail',
  // With a subject the keys moved to another host, where they can be read.
  DISC003: ({ finding }) => (finding.subject === undefined ? 'unknown' : 'none'),
  DISC004: 'unknown',
  DISC005: 'fail',
  // Published secrets are critical, and logins work: too many.
  JWKS001: ({ finding }) => (finding.severity === 'critical' ? 'none' : 'unknown'),
  JWKS002: 'none',
  JWKS003: 'none',
  PROV001: 'fail',
  PROV002: asStated('none'),
  PROV003: 'none',
  PROV004: 'none',
  PROV005: 'none',
  PROV006: ({ finding: { change } }) =>
    change?.kind === 'providers' && change.action === 'created' ? 'none' : 'unknown',
  PROV007: ({ finding: { change } }) =>
    change?.kind === 'audiences' && change.action === 'added' ? 'none' : 'unknown',
  TRUST001: 'none',
  TRUST002: 'none',
  TRUST003: asStated('none'),
  TRUST004: 'none',
  TRUST005: 'none',
  TRUST006: 'unknown',
  TRUST007: asStated('unknown'),
  TRUST008: 'none',
  TRUST009: 'unknown',
  TRUST010: 'none',
  OPS001: 'none',
  OPS002: 'none',
};

/** What one finding means. `target`: the one that it belongs to; null: it belongs to the account. */
export function effectOfFinding(
  finding: Pick<Finding, 'check' | 'severity' | 'subject' | 'change' | 'message'>,
  target: Pick<TargetReport, 'enforced'> | null,
): LoginEffect {
  const rule = RULES[finding.check];
  return typeof rule === 'string' ? rule : rule({ finding, enforced: target?.enforced ?? null });
}

/** What the open findings of a target mean together. A target that was not audited: not known. */
export const effectOfTarget = (
  target: Pick<TargetReport, 'enforced' | 'findings' | 'failure'>,
): LoginEffect =>
  worstEffect([
    ...openFindings(target.findings).map((finding) => effectOfFinding(finding, target)),
    ...(target.failure === undefined ? [] : (['unknown'] as const)),
  ]);

/** Failing logins first, then what is not known. None: no login is affected. */
export function worstEffect(effects: readonly LoginEffect[]): LoginEffect {
  return EFFECTS.find((effect) => effects.includes(effect)) ?? 'none';
}

const EFFECTS: readonly LoginEffect[] = ['fail', 'unknown'];

/** Whether a policy lets in tokens of tenants and units that it does not name, found by trying many tokens. */
import { audienceOf } from '../../../demo/aws/condition-keys';
import { parseTrustPolicy } from '../../../demo/aws/trust-policy';
import type { TrustDecision, TrustPolicy } from '../../../demo/aws/trust-policy';
import { decideLogin } from '../../../demo/aws/web-identity';
import type { Random } from '../../support/random';
import type { IssuerCase } from './policies';
import { nearTo, randomToken, textsIn } from './tokens';
import type { Named, Token } from './world';

/** `tenant`: of a tenant that the policy does not name. `unit`: of a unit that it does not name. */
export type Place = 'inside' | 'unit' | 'tenant';

/** A token that was tried. */
export interface Sample {
  readonly token: Token;
  readonly sessionName: string;
  readonly place: Place;
  readonly decision: TrustDecision['decision'];
}

/** What was found; null: nothing. */
export interface Found {
  readonly admitted: Readonly<Record<Place, Sample | null>>;
  /** The evaluator cannot decide on it. */
  readonly undecided: Readonly<Record<Place, Sample | null>>;
  readonly verdict: 'open' | 'closed' | 'not evaluated';
}

/** Tries so many tokens. `open`: one from outside is let in. */
export function sampleLogins(policy: IssuerCase, amount: number, random: Random): Found {
  const admitted: Record<Place, Sample | null> = { inside: null, unit: null, tenant: null };
  const undecided: Record<Place, Sample | null> = { inside: null, unit: null, tenant: null };
  for (const sample of samples(policy, amount, random)) {
    if (sample.decision === 'allowed') admitted[sample.place] ??= sample;
    if (sample.decision === 'unsupported') undecided[sample.place] ??= sample;
  }
  const isOpen = admitted.unit !== null || admitted.tenant !== null;
  const isUndecided = undecided.unit !== null || undecided.tenant !== null;
  return { admitted, undecided, verdict: isOpen ? 'open' : isUndecided ? 'not evaluated' : 'closed' };
}

/** Random tokens near to the policy, with what STS decides on each. */
export function* samples(policy: IssuerCase, amount: number, random: Random): Generator<Sample> {
  const parsed = parseTrustPolicy(policy.text);
  const near = nearTo(policy);
  const placeOf = placesIn(policy);
  const sessionNames = sessionNamesFor(policy.text);
  for (let count = 0; count < amount; count += 1) {
    const token = randomToken(random, policy.kind, near);
    const sessionName = random.pick(sessionNames);
    const decision = decide(policy, parsed, token, sessionName);
    yield { token, sessionName, place: placeOf(token), decision };
  }
}

/** STS compares the audience with the list of the provider before it reads the trust policy. */
export function decide(
  { issuer, providerArn, audiences }: IssuerCase,
  parsed: TrustPolicy,
  { claims }: Pick<Token, 'claims'>,
  sessionName: string,
): TrustDecision['decision'] {
  const audience = audienceOf(claims);
  if (audience === null || audiences?.includes(audience) === false) return 'denied';
  return decideLogin(parsed, { issuer, providerArn, claims, sessionName }).decision;
}

/**
 * Whether a policy names the owner of a token, in any condition: by an id, or by a name between characters that no name has.
 * Who names a unit by its id need not name the tenant. A provider for one audience names its tenant.
 */
export function placesIn({ text, audiences }: IssuerCase): (token: Pick<Token, 'tenant' | 'unit'>) => Place {
  const values = [...textsIn(text), ...(audiences?.length === 1 ? audiences : [])].join('\n').toLowerCase();
  const known = new Map<string, boolean>();
  const has = (name: string): boolean => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const escaped = name.toLowerCase().replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const found = new RegExp(`(?<![a-z0-9._-])${escaped}(?![a-z0-9._-])`).test(values);
    known.set(name, found);
    return found;
  };
  const isNamed = (named: Named): boolean => [...named.names, ...named.ids].some(has);
  return ({ tenant, unit }) => {
    if (unit?.ids.some(has) === true) return 'inside';
    if (tenant !== null && !isNamed(tenant)) return 'tenant';
    return unit === null || isNamed(unit) ? 'inside' : 'unit';
  };
}

/** Names that the caller can choose: an ordinary one, and what the policy may ask for. */
function sessionNamesFor(text: string): readonly [string, ...string[]] {
  if (!/sts:rolesessionname/i.test(text)) return ['ordinary-session'];
  const asked = textsIn(text).map((value) => value.replaceAll('*', 'x').replaceAll('?', 'x'));
  return ['ordinary-session', ...asked.filter((name) => /^[\w+=,.@-]{2,64}$/.test(name))];
}

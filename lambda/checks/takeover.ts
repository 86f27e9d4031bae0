/** DISC005: somebody else can take over a host of the issuer, and with it every role that trusts the provider. */
import { isTakeoverCode } from '../domain/errors';
import type { TakeoverCode } from '../domain/errors';
import { LOGINS_FAIL } from '../domain/logins';
import type { Failure, Finding } from '../domain/types';
import { joinSteps } from '../remedies/command';
import { count } from '../text/layout';

const CLAIM: Readonly<Record<TakeoverCode, string>> = {
  DNS_DOMAIN_NOT_FOUND: 'register the missing name immediately, before somebody else does',
  DNS_DANGLING_CNAME:
    'change or delete the DNS record of the alias immediately, so that it leads to no name that others can create',
  HTTP_NO_SUCH_BUCKET:
    'create the missing bucket immediately in your own account, before somebody else does, and publish the documents of the issuer there',
};

/**
 * The finding about the first of these failures that lets somebody else take over a host: critical if a role
 * trusts the provider, else high. `roles`: ARNs of the roles that trust the provider; null: not known. At most
 * one.
 */
export function* evaluateTakeover(
  failures: readonly Failure[],
  roles: readonly string[] | null,
): Generator<Finding> {
  for (const { code, message } of failures) {
    if (!isTakeoverCode(code)) continue;
    yield {
      check: 'DISC005',
      severity: roles !== null && roles.length > 0 ? 'critical' : 'high',
      message: `${message} ${consequenceFor(roles)} ${LOGINS_FAIL}`,
      remedy: joinSteps(
        `If the issuer is yours, ${CLAIM[code]}.`,
        // No command: people would paste it together with the commands that repair.
        "Otherwise, or if you no longer need it, remove the statements that trust its provider from all roles immediately, and delete the provider. Inform the issuer's operator.",
      ),
    };
    return;
  }
}

function consequenceFor(roles: readonly string[] | null): string {
  if (roles === null)
    return `${WHOEVER} tokens of this issuer. It is not known which roles trust the provider, because the roles were not read.`;
  if (roles.length === 0) return `${WHOEVER} tokens of this issuer. No role trusts the provider now.`;
  return `${WHOEVER} tokens for ${count(roles.length, 'role')} that ${roles.length === 1 ? 'trusts' : 'trust'} the provider.`;
}

const WHOEVER = 'Whoever takes over the host can sign';

/** What an `accept` entry may name as its subject: the kind of subject of each check's findings. */
import { normaliseThumbprint } from '../x509/thumbprint';
import { issuerOfProviderArn } from '../oidc/issuer';
import { quote } from '../text/quote';
import { checkOf } from '../domain/checks';
import type { CheckId, SubjectKind } from '../domain/checks';

const ROLE_ARN = /^arn:[a-z0-9-]+:iam::\d{12}:role\/(?:[!-~]*\/)?([\w+=,.@-]{1,64})$/;
const ROLE_NAME = /^[\w+=,.@-]{1,64}$/;
const HOST = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/**
 * The form of subjects of one kind. `names`: whether a subject is the one that a finding names as `value`.
 */
interface Form {
  readonly holds: (text: string) => boolean;
  readonly names: (text: string, value: string) => boolean;
  readonly words: string;
}

const withPort = (host: string): string => (/:\d+$/.test(host) ? host : `${host}:443`);

const FORMS: Readonly<Record<SubjectKind, Form>> = {
  role: {
    holds: (text) => ROLE_NAME.test(text) || ROLE_ARN.test(text),
    names: (text, value) => text === value || text === ROLE_ARN.exec(value)?.[1],
    words: 'the name or the ARN of a role, such as "deploy" or "arn:aws:iam::123456789012:role/deploy"',
  },
  thumbprint: {
    holds: (text) => /^[0-9a-f]{40}$/.test(normaliseThumbprint(text)),
    names: (text, value) => normaliseThumbprint(text) === value,
    words: 'a thumbprint of 40 hex digits',
  },
  host: {
    holds: (text) => HOST.test(text),
    names: (text, value) => withPort(text.toLowerCase()) === value,
    words: 'a host such as "keys.example.com" or "keys.example.com:8443"',
  },
  provider: {
    holds: (text) => issuerOfProviderArn(text) !== null,
    names: (text, value) => text === value,
    words: 'the ARN of an OIDC provider',
  },
};

/** Why a text cannot be the subject of a check's findings, and what to write instead; null if it can. */
export function subjectProblem(check: CheckId, subject: string): string | null {
  const kind = checkOf(check).subject;
  if (kind === undefined) {
    return `findings of ${check} have no subject. Remove subject, and name the issuer.`;
  }
  return FORMS[kind].holds(subject)
    ? null
    : `must be ${FORMS[kind].words}, because findings of ${check} are about one; it is ${quote(subject)}.`;
}

/** Whether an entry's subject is the subject of a finding: `value` as findings write it. */
export function namesSubject(check: CheckId, subject: string, value: string): boolean {
  const kind = checkOf(check).subject;
  return kind !== undefined && FORMS[kind].names(subject, value);
}

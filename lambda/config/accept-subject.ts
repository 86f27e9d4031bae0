/** What an `accept` entry may name as its subject: which kind of thing the findings of each check are about. */
import { normaliseThumbprint } from '../x509/thumbprint';
import type { CheckId } from '../domain/types';
import { issuerOfProviderArn } from '../oidc/issuer';
import { quote } from '../text/quote';

type Kind = 'role' | 'thumbprint' | 'host' | 'provider';

/** Checks whose findings name a subject. Those of other checks are about their issuer or account as a whole. */
const KINDS: Partial<Record<CheckId, Kind>> = {
  THUMB001: 'thumbprint',
  THUMB002: 'thumbprint',
  THUMB006: 'thumbprint',
  THUMB007: 'thumbprint',
  DISC003: 'host',
  PROV006: 'provider',
  TRUST001: 'role',
  TRUST002: 'role',
  TRUST003: 'role',
  TRUST004: 'role',
  TRUST005: 'role',
  TRUST006: 'role',
  TRUST007: 'role',
};

const ROLE_ARN = /^arn:[a-z0-9-]+:iam::\d{12}:role\/(?:[!-~]*\/)?([\w+=,.@-]{1,64})$/;
const ROLE_NAME = /^[\w+=,.@-]{1,64}$/;
const HOST = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/** How a subject of one kind is written. `names`: whether it is what a finding names as `value`. */
interface Form {
  readonly holds: (text: string) => boolean;
  readonly names: (text: string, value: string) => boolean;
  readonly words: string;
}

const withPort = (host: string): string => (/:\d+$/.test(host) ? host : `${host}:443`);

const FORMS: Readonly<Record<Kind, Form>> = {
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

/** Why a text cannot be the subject of a check's findings, and what to write instead; null where it can. */
export function subjectProblem(check: CheckId, subject: string): string | null {
  const kind = KINDS[check];
  if (kind === undefined) {
    return `findings of ${check} name no subject. Leave it out, and name the issuer.`;
  }
  return FORMS[kind].holds(subject)
    ? null
    : `must be ${FORMS[kind].words}, as ${check} is about one; it is ${quote(subject)}.`;
}

/** Whether an entry's subject is what a finding is about: `value` as findings write it. */
export function namesSubject(check: CheckId, subject: string, value: string): boolean {
  const kind = KINDS[check];
  return kind !== undefined && FORMS[kind].names(subject, value);
}

/** Findings that differ only in what they are about: a few are explained, many are one paragraph with a list. */
import { checkOf } from '../domain/checks';
import type { Finding } from '../domain/types';
import { escapeForeign } from '../text/escape';
import { count } from '../text/layout';
import { shorten } from '../text/quote';
import { isThumbprint } from '../x509/thumbprint';

/** More different texts are one paragraph with a list. */
const MAX_TEXTS = 3;
const MAX_NAME = 100;

/** The texts of similar findings, each once; of many, their number and an example. */
export function textsOfSimilar(findings: readonly Finding[]): readonly string[] {
  const texts = [...new Set(findings.map(({ message }) => message))];
  const [first] = findings;
  if (texts.length <= MAX_TEXTS || first === undefined) return texts;
  const what = `${first.check}: ${checkOf(first.check).problem}`;
  return [`${count(findings.length, 'similar finding')} (${what}). For example: ${first.message}`];
}

/** Whether the texts of these findings name an example only. */
export const needsList = (findings: readonly Finding[]): boolean =>
  new Set(findings.map(({ message }) => message)).size > MAX_TEXTS;

/** What a finding is about, for a list: a role by its ARN, anything else with its issuer. */
export function nameOfFinding(finding: Pick<Finding, 'subject'> | null, issuer: string | null): string {
  const subject = finding?.subject ?? '';
  const isRole = subject.startsWith('arn:') && subject.includes(':role/');
  // Thumbprints are in the text, and in the evidence.
  const isShown = subject !== '' && !isThumbprint(subject.split(' ')[0] ?? '');
  const name = [...(issuer === null || isRole ? [] : [issuer]), ...(isShown ? [subject] : [])].join(' ');
  return shorten(escapeForeign(name === '' ? 'the account' : name), MAX_NAME);
}

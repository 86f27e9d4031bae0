/**
 * The one builder of all shell commands that are printed. People paste them into a shell that is signed in to
 * AWS, and their values come from lists, names and URLs that others chose. So each value must match the
 * pattern of its kind; else no command is printed, and the text says why.
 */
import type { Host } from '../domain/types';
import { quote } from '../text/quote';
import type { Parsed } from '../domain/result';

/** A command that can be pasted whole, or why none is printed. */
export type Command = Parsed<string>;

/** A host, an optional port, and what RFC 3986 permits in a path. */
const HOST_AND_PATH = String.raw`[A-Za-z0-9[][A-Za-z0-9.:\]-]*(?:/(?:[\w.~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)?`;

/**
 * No value of any kind begins with `-`: the AWS CLI reads each argument that does as an option, quoted or
 * not.
 */
const KINDS = {
  thumbprint: /^[0-9a-f]{40}$/,
  'provider ARN': new RegExp(String.raw`^arn:aws[a-z-]*:iam::\d{12}:oidc-provider/${HOST_AND_PATH}$`),
  'issuer URL': new RegExp(`^https://${HOST_AND_PATH}$`),
  // IAM permits a hyphen at the beginning, too:
  // https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
  // Two roles must not get the policy of one.
  'policy file': /^file:\/\/trust-policy-[\w+=,.@-]{1,64}\.json$/,
  'role name': /^[\w+=,.@][\w+=,.@-]{0,63}$/,
  // Version 1 of the AWS CLI would load an audience that is a URL, and use the content.
  audience: /^(?!(?:fileb?|https?):)[\w.~][\w.~:/@+=,%-]{0,254}$/i,
} as const satisfies Readonly<Record<string, RegExp>>;

/** The kind of a foreign value. */
export type Kind = keyof typeof KINDS;

/** Values that this project chose: an empty list in the only form that the AWS CLI accepts. */
export type OwnValue = '[]';

/** An option of a command with its values. */
export type Option =
  | { readonly name: `--${string}`; readonly own: OwnValue }
  | { readonly name: `--${string}`; readonly kind: Kind; readonly values: readonly string[] };

/** The operations that are printed. */
export type Operation =
  | 'update-open-id-connect-provider-thumbprint'
  | 'create-open-id-connect-provider'
  | 'add-client-id-to-open-id-connect-provider'
  | 'list-open-id-connect-providers'
  | 'update-assume-role-policy';

/** A command of the AWS CLI, one option a line. */
export function iamCommand(operation: Operation, options: readonly Option[]): Command {
  const refused = options.flatMap((option) =>
    'own' in option
      ? []
      : option.values
          .filter((value) => !KINDS[option.kind].test(value) || shellWord(value) === null)
          .map((value) => `${quote(value)} is not safe in a command (${option.kind})`),
  );
  if (refused.length > 0) {
    return { ok: false, problem: `There is no command, because ${[...new Set(refused)].join('; ')}.` };
  }
  const lines = options.map((option) => {
    const values = 'own' in option ? [option.own] : option.values;
    return [option.name, ...values.flatMap((value) => shellWord(value) ?? [])].join(' ');
  });
  return { ok: true, value: [`aws iam ${operation}`, ...lines].join(' \\\n  ') };
}

/** A DNS name or an IPv4 address. */
const HOST = /^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/;

/** Shows the TLS handshake of a host; null if its name may not be part of a command, as an IPv6 address. */
export const handshakeCommand = ({ name, port }: Host): string | null =>
  HOST.test(name) ? `openssl s_client -connect ${name}:${port} -servername ${name} </dev/null` : null;

/** Shows the SHA-256 fingerprint of a CA file. */
export const FINGERPRINT_COMMAND = 'openssl x509 -noout -fingerprint -sha256 -in ca.pem';

/**
 * A word of a shell command, in single quotes if it has characters that are special in a shell. Null if
 * quotes are not enough: programs read a word that begins with `-` as an option, and a terminal acts on
 * control characters.
 */
export function shellWord(text: string): string | null {
  if (/^-|\p{Cc}/u.test(text)) return null;
  return /^[\w/.,:][\w@%+=:,./-]*$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * One step of a remedy: what to do, and below it the command, or after it why there is none. `prose` has no line
 * break and no punctuation at its end.
 */
export const withCommand = (prose: string, command: Command): string =>
  command.ok ? `${prose}:\n${command.value}` : `${prose}. ${command.problem}`;

/** Several steps as one remedy: each is a paragraph. */
export const joinSteps = (...steps: readonly string[]): string => steps.join('\n\n');

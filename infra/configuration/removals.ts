/** Flags that would remove what the configuration file names. Without this check a deployment deletes it without a question. */
import { parseIssuer } from '../../lambda/oidc/issuer';
import { quote } from '../../lambda/text/quote';
import type { ConfigFile } from './config-file';

type NamedValues = Readonly<Record<string, unknown>>;

/** What is audited, and who receives alerts. Other keys may change freely: they delete nothing. */
const MONITOR = ['orgs', 'issuers', 'email', 'topicArn', 'alarmTopicArn', 'chat', 'dashboard'];
/** Another value replaces the provider, and with it all logins through it. */
const FEDERATION = ['org', 'issuer', 'provider'];

/** One line for each flag that leaves out something that the file names. */
export function removalsBy(
  flags: { readonly monitor: NamedValues; readonly federation: NamedValues },
  file: ConfigFile,
): readonly string[] {
  const removals = (keys: readonly string[], flag: NamedValues, named: NamedValues): readonly string[] =>
    keys
      .filter((key) => Object.hasOwn(flag, key))
      .flatMap((key) => {
        const removed = removedValues(key, flag[key], named[key]);
        if (removed.length === 0) return [];
        return [
          `${key}: the flag would remove ${removed.join(', ')}, which ${file.name} contains. Change the file instead, or add -c forget=true.`,
        ];
      });
  return [
    ...removals(MONITOR, flags.monitor, file.monitor),
    ...removals(FEDERATION, flags.federation, file.federation),
  ];
}

function removedValues(key: string, flag: unknown, named: unknown): readonly string[] {
  if (named === true) return flag === true ? [] : [key === 'chat' ? 'the chat topic' : `the ${key}`];
  const remaining = new Set(textsIn(flag).map((text) => comparable(key, text)));
  return textsIn(named)
    .filter((text) => !remaining.has(comparable(key, text)))
    .map(quote);
}

/** Values of a wrong type are refused elsewhere. */
const textsIn = (value: unknown): readonly string[] =>
  [value].flat().filter((one): one is string => typeof one === 'string');

/** Two spellings of one org or issuer are no removal. */
function comparable(key: string, text: string): string {
  if (key === 'orgs' || key === 'org') return text.toLowerCase();
  if (key !== 'issuers') return text;
  const parsed = parseIssuer(text);
  return parsed.ok ? parsed.value : text;
}

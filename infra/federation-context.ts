/** The app's context (`-c org=… -c project=…`) as props of the stack CircleCiFederation. */
import { Aws } from 'aws-cdk-lib';
import { ConfigError } from '../lambda/core/errors';
import { quote, show } from '../lambda/core/text/quote';
import type { FederationStackProps } from './federation-stack';
import { judgeFederation, judgeProviderArn } from './judge-federation';
import { judgeTrustProps } from './judge-trust';

const KEYS = ['org', 'project', 'issuer', 'provider', 'origin', 'ref', 'repository'] as const;

/** Keys of the context that ask for the stack. */
export const FEDERATION_KEYS: readonly string[] = KEYS;

type Given = Readonly<Partial<Record<(typeof KEYS)[number], string>>>;

/** The stack's props; null where no key asks for it. Throws ConfigError naming every problem, one a line. */
export function federationFromContext(
  context: Readonly<Record<string, unknown>>,
): FederationStackProps | null {
  const values = KEYS.filter((key) => context[key] !== undefined).map(
    (key) => [key, key === 'ref' ? joined(context[key]) : context[key]] as const,
  );
  if (values.length === 0) return null;
  const strange = values.flatMap(([key, value]) =>
    typeof value === 'string' ? [] : [`${key}: must be a string; it is ${show(value)}.`],
  );
  const given: Given = Object.fromEntries(values.filter(([, value]) => typeof value === 'string'));
  const problems = strange.length > 0 ? strange : judgeGiven(given);
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  const { org = '', project = '', issuer, provider, origin, ref, repository } = given;
  const source = provider === undefined ? { org, issuer } : { provider };
  return { ...source, project, origin, ref: refsIn(ref), repository };
}

/** On the command line a list is separated by commas; in cdk.json it may be one. */
const joined = (value: unknown): unknown => (Array.isArray(value) ? value.join(',') : value);

const refsIn = (text: string | undefined): readonly string[] | undefined =>
  text
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

const judgeGiven = (given: Given): readonly string[] => [
  ...judgeMissing(given),
  ...judgeSource(given),
  ...judgeTrust(given),
  ...judgeRepository(given),
];

function judgeMissing(given: Given): readonly string[] {
  const needed = given.provider === undefined ? (['org', 'project'] as const) : (['project'] as const);
  return needed
    .filter((key) => given[key] === undefined)
    .map((key) => `${key}: is missing. The stack CircleCiFederation needs org and project.${hint(given)}`);
}

/** Whoever gives a single key may have meant one of the monitor. */
function hint(given: Given): string {
  const [only, ...others] = Object.keys(given);
  if (others.length > 0 || (only !== 'org' && only !== 'issuer')) return '';
  return ` Did you mean ${only}s, which the monitor watches?`;
}

function judgeSource({ org, issuer, provider }: Given): readonly string[] {
  if (provider === undefined) {
    const own = org === undefined ? null : judgeFederation({ org, issuer });
    return own?.ok === false ? own.problems : [];
  }
  const existing = judgeProviderArn(provider, Aws.ACCOUNT_ID);
  if (!existing.ok) return existing.problems;
  const agrees =
    (org === undefined || org.toLowerCase() === existing.value.org) &&
    (issuer === undefined || issuer === existing.value.issuer);
  return agrees
    ? []
    : [
        `provider: ${quote(provider)} is for another org or issuer than those given. Leave org and issuer out.`,
      ];
}

/** A missing project is told already; any will do to judge the rest. No key depends on the kind of issuer. */
function judgeTrust({ project = ANY_ID, origin, ref }: Given): readonly string[] {
  const judged = judgeTrustProps({ project, origin, ref: refsIn(ref) }, 'cloud');
  return judged.ok ? [] : judged.problems;
}

const ANY_ID = '00000000-0000-0000-0000-000000000000';

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html */
const REPOSITORY = /^(?=.{2,256}$)(?:[a-z0-9]+(?:[._-]+[a-z0-9]+)*\/)*[a-z0-9]+(?:[._-]+[a-z0-9]+)*$/;

const judgeRepository = ({ repository }: Given): readonly string[] =>
  repository === undefined || REPOSITORY.test(repository)
    ? []
    : [
        `repository: ${quote(repository)} is not the name of an ECR repository, such as team/app. Leave out registry and tag.`,
      ];

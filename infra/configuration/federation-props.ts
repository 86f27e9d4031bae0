/** The federation's part of the app's configuration as props of the stack CircleCiFederation. */
import { Aws } from 'aws-cdk-lib';
import { ConfigError } from '../../lambda/domain/errors';
import { quote, show } from '../../lambda/text/quote';
import { FEDERATION_KEYS } from './keys';
import type { FederationStackProps } from '../federation/federation-stack';
import { validateFederation, validateProviderArn } from '../federation/validate';
import { validateTrustProps } from '../federation/validate-trust';

type Given = Readonly<
  Partial<Record<Exclude<(typeof FEDERATION_KEYS)[number], 'ref'>, string>> & {
    readonly ref?: readonly string[];
  }
>;

/**
 * The stack's props; null if no key asks for it. `nameOf`: a key as messages name it. Throws ConfigError naming every
 * problem, one a line.
 */
export function federationPropsFrom(
  values: Readonly<Record<string, unknown>>,
  nameOf: (key: string) => string = (key) => key,
): FederationStackProps | null {
  const entries = FEDERATION_KEYS.filter((key) => values[key] !== undefined).map(
    (key) => [key, values[key]] as const,
  );
  if (entries.length === 0) return null;
  const wrong = entries.flatMap(([key, value]) => typeProblems(key, value));
  const given: Given = Object.fromEntries(entries);
  const problems = wrong.length > 0 ? wrong : validateGiven(given);
  if (problems.length > 0) {
    throw new ConfigError(problems.map((problem) => problem.replace(/^\w+/, nameOf)).join('\n'));
  }
  const { org = '', project = '', issuer, provider, origin, ref, repository } = given;
  const source = provider === undefined ? { org, issuer } : { provider };
  return { ...source, project, origin, ref, repository };
}

function typeProblems(key: string, value: unknown): readonly string[] {
  const texts: readonly unknown[] = key === 'ref' && Array.isArray(value) ? value : [value];
  return texts.flatMap((text) =>
    typeof text === 'string' ? [] : [`${key}: must be a string; it is ${show(text)}.`],
  );
}

const validateGiven = (given: Given): readonly string[] => [
  ...findMissing(given),
  ...validateSource(given),
  ...validateTrust(given),
  ...validateRepository(given),
];

function findMissing(given: Given): readonly string[] {
  const needed = given.provider === undefined ? (['org', 'project'] as const) : (['project'] as const);
  return needed
    .filter((key) => given[key] === undefined)
    .map((key) => `${key}: is missing. The stack CircleCiFederation requires org and project.${hint(given)}`);
}

/** A user who gives a single key may have meant one of the monitor. */
function hint(given: Given): string {
  const [only, ...others] = Object.keys(given);
  if (others.length > 0 || (only !== 'org' && only !== 'issuer')) return '';
  return ` To monitor it without this stack, use ${only}s.`;
}

function validateSource({ org, issuer, provider }: Given): readonly string[] {
  if (provider === undefined) {
    const own = org === undefined ? null : validateFederation({ org, issuer });
    return own?.ok === false ? own.problems : [];
  }
  const existing = validateProviderArn(provider, Aws.ACCOUNT_ID);
  if (!existing.ok) return existing.problems;
  const agrees =
    (org === undefined || org.toLowerCase() === existing.value.org) &&
    (issuer === undefined || issuer === existing.value.issuer);
  return agrees
    ? []
    : [
        `provider: ${quote(provider)} belongs to another organization or issuer than the configured ones. Remove org and issuer.`,
      ];
}

/** A missing project is reported already; any one will do to validate the rest. No key depends on the issuer's kind. */
function validateTrust({ project = ANY_ID, origin, ref }: Given): readonly string[] {
  const validated = validateTrustProps({ project, origin, ref }, true);
  return validated.ok ? [] : validated.problems;
}

const ANY_ID = '00000000-0000-0000-0000-000000000000';

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html */
export const REPOSITORY = /^(?=.{2,256}$)(?:[a-z0-9]+(?:[._-]+[a-z0-9]+)*\/)*[a-z0-9]+(?:[._-]+[a-z0-9]+)*$/;

const validateRepository = ({ repository }: Given): readonly string[] =>
  repository === undefined || REPOSITORY.test(repository)
    ? []
    : [
        `repository: ${quote(repository)} is not the name of an ECR repository such as team/app. Remove the registry and the tag.`,
      ];

/** IAM's OIDC provider actions: https://docs.aws.amazon.com/IAM/latest/APIReference/ */
import { AwsFault } from './fault';
import { structuresOf } from './form';
import type { Parameters } from './form';
import { requireProviderUrl, requireClientIds, requireThumbprints, requireValue } from './iam-limits';
import { ACCOUNT } from './store';
import type { Action, State, StoredProvider } from './store';

const ARN_PREFIX = `arn:aws:iam::${ACCOUNT}:oidc-provider/`;

/**
 * AWS fills an omitted thumbprint list by a request to the issuer. This leaves it empty: an embedded account has no
 * way out.
 */
export const createProvider: Action = (state, parameters, { now }) => {
  const url = requireProviderUrl(parameters);
  const thumbprints = requireThumbprints(parameters);
  const clientIds = requireClientIds(parameters);
  const arn = `${ARN_PREFIX}${url}`;
  if (state.providers.has(arn)) {
    throw new AwsFault('EntityAlreadyExists', 409, `Provider with url https://${url} already exists.`);
  }
  const tags = structuresOf(parameters, 'Tags');
  const provider: StoredProvider = { url, thumbprints, clientIds, tags, createDate: now };
  return { state: withProvider(state, arn, provider), result: { OpenIDConnectProviderArn: arn, Tags: tags } };
};

/** `Url` comes back without `https://`. */
export const getProvider: Action = (state, parameters) => {
  const { provider } = requireProvider(state, parameters);
  return {
    state,
    result: {
      Url: provider.url,
      ClientIDList: provider.clientIds,
      ThumbprintList: provider.thumbprints,
      CreateDate: provider.createDate,
      Tags: provider.tags,
    },
  };
};

/** Does not page, as in AWS. */
export const listProviders: Action = (state) => ({
  state,
  result: { OpenIDConnectProviderList: [...state.providers.keys()].map((arn) => ({ Arn: arn })) },
});

/** Replaces the whole list. An empty one is legal; one that is not sent at all is not. */
export const updateThumbprints: Action = (state, parameters) => {
  const { arn, provider } = requireProvider(state, parameters);
  if (!Object.keys(parameters).some((name) => name.startsWith('ThumbprintList'))) {
    requireValue(parameters, 'ThumbprintList');
  }
  return { state: withProvider(state, arn, { ...provider, thumbprints: requireThumbprints(parameters) }) };
};

/** Succeeds for a provider that is not there: "This operation is idempotent". */
export const deleteProvider: Action = (state, parameters) => {
  const arn = requireArn(parameters);
  return { state: { ...state, providers: new Map([...state.providers].filter(([key]) => key !== arn)) } };
};

const withProvider = (state: State, arn: string, provider: StoredProvider): State => ({
  ...state,
  providers: new Map([...state.providers, [arn, provider]]),
});

function requireProvider(state: State, parameters: Parameters): { arn: string; provider: StoredProvider } {
  const arn = requireArn(parameters);
  const provider = state.providers.get(arn);
  if (provider === undefined) {
    throw new AwsFault('NoSuchEntity', 404, `OpenIDConnect Provider not found for arn ${arn}`);
  }
  return { arn, provider };
}

function requireArn(parameters: Parameters): string {
  const arn = requireValue(parameters, 'OpenIDConnectProviderArn');
  if (!/^arn:aws:iam::\d{12}:oidc-provider\/./.test(arn)) {
    throw new AwsFault('InvalidInput', 400, `Invalid ARN: ${arn}`);
  }
  return arn;
}

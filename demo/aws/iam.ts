/** IAM's OIDC provider actions: https://docs.aws.amazon.com/IAM/latest/APIReference/ */
import { AwsFault } from './fault';
import { listOf, requireValue } from './form';
import type { Parameters } from './form';
import { ACCOUNT } from './store';
import type { Action, State, StoredProvider } from './store';

/**
 * AWS fills an omitted thumbprint list by a request to the issuer. This leaves it empty: an embedded account has no
 * way out.
 */
export const createProvider: Action = (state, parameters, { now }) => {
  const url = requireValue(parameters, 'Url');
  // AWS refuses a port, too; but issuers on one machine need one.
  if (!/^https:\/\/[^@?#]+$/.test(url) || !URL.canParse(url)) {
    throw new AwsFault('ValidationError', 400, 'Invalid Open ID Connect Provider URL');
  }
  const arn = `arn:aws:iam::${ACCOUNT}:oidc-provider/${url.slice('https://'.length)}`;
  if (state.providers.has(arn)) {
    throw new AwsFault('EntityAlreadyExists', 409, `Provider with url ${url} already exists.`);
  }
  const provider: StoredProvider = {
    url: url.slice('https://'.length),
    thumbprints: requireThumbprints(parameters),
    clientIds: listOf(parameters, 'ClientIDList'),
    createDate: now,
  };
  return { state: withProvider(state, arn, provider), result: { OpenIDConnectProviderArn: arn } };
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
    },
  };
};

/** Does not page, as in AWS. */
export const listProviders: Action = (state) => ({
  state,
  result: { OpenIDConnectProviderList: [...state.providers.keys()].map((arn) => ({ Arn: arn })) },
});

/** An account has one alias at most. */
export const listAliases: Action = (state) => ({ state, result: { AccountAliases: [ALIAS] } });

const ALIAS = 'acme';

/** Replaces the whole list. */
export const updateThumbprints: Action = (state, parameters) => {
  const { arn, provider } = requireProvider(state, parameters);
  return { state: withProvider(state, arn, { ...provider, thumbprints: requireThumbprints(parameters) }) };
};

/** Succeeds for a provider that is not there: "This operation is idempotent". */
export const deleteProvider: Action = (state, parameters) => {
  const arn = requireValue(parameters, 'OpenIDConnectProviderArn');
  return { state: { ...state, providers: new Map([...state.providers].filter(([key]) => key !== arn)) } };
};

const withProvider = (state: State, arn: string, provider: StoredProvider): State => ({
  ...state,
  providers: new Map([...state.providers, [arn, provider]]),
});

function requireProvider(state: State, parameters: Parameters): { arn: string; provider: StoredProvider } {
  const arn = requireValue(parameters, 'OpenIDConnectProviderArn');
  const provider = state.providers.get(arn);
  if (provider === undefined) {
    throw new AwsFault('NoSuchEntity', 404, `OpenIDConnect Provider not found for arn ${arn}`);
  }
  return { arn, provider };
}

/** At most 5 entries of exactly 40 characters, hex or not: IAM looks at nothing else. Throws ValidationError, InvalidInput. */
function requireThumbprints(parameters: Parameters): readonly string[] {
  const thumbprints = listOf(parameters, 'ThumbprintList');
  if (thumbprints.some(({ length }) => length !== 40)) {
    throw new AwsFault('ValidationError', 400, 'Each member of thumbprintList must have 40 characters');
  }
  if (thumbprints.length > 5) {
    throw new AwsFault('InvalidInput', 400, 'Thumbprint list must contain fewer than 5 entries.');
  }
  return thumbprints;
}

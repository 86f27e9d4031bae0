/** Every action the embedded AWS knows. A new one is one line here and one function on the state. */
import {
  createProvider,
  deleteProvider,
  getProvider,
  listAliases,
  listProviders,
  updateThumbprints,
} from './iam';
import { attachPolicy, createRole, listAttachedPolicies, listRoles } from './roles';
import { createTopic, listSubscriptions, publish, subscribe } from './sns';
import type { Action, Inquiry } from './store';
import { assumeRoleWithWebIdentity } from './sts';

/** A service that speaks the Query protocol. */
export interface Service {
  readonly name: string;
  /** Of its answers, as AWS writes it: IAM's begins with https, SNS's with http. */
  readonly namespace: string;
  readonly actions: ReadonlyMap<string, Action | Inquiry>;
}

const IAM: Service = {
  name: 'iam',
  namespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
  actions: new Map([
    ['CreateOpenIDConnectProvider', createProvider],
    ['GetOpenIDConnectProvider', getProvider],
    ['ListOpenIDConnectProviders', listProviders],
    ['ListAccountAliases', listAliases],
    ['UpdateOpenIDConnectProviderThumbprint', updateThumbprints],
    ['DeleteOpenIDConnectProvider', deleteProvider],
    ['CreateRole', createRole],
    ['ListRoles', listRoles],
    ['AttachRolePolicy', attachPolicy],
    ['ListAttachedRolePolicies', listAttachedPolicies],
  ]),
};

const SNS: Service = {
  name: 'sns',
  namespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
  actions: new Map([
    ['CreateTopic', createTopic],
    ['Subscribe', subscribe],
    ['ListSubscriptionsByTopic', listSubscriptions],
    ['Publish', publish],
  ]),
};

const STS: Service = {
  name: 'sts',
  namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
  actions: new Map([['AssumeRoleWithWebIdentity', assumeRoleWithWebIdentity]]),
};

/** By the `Version` parameter that every Query call carries: one endpoint for all services has no host name to go by. */
export const SERVICES: ReadonlyMap<string, Service> = new Map([
  ['2010-05-08', IAM],
  ['2010-03-31', SNS],
  ['2011-06-15', STS],
]);

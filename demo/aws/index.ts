/** An AWS account in this process: the IAM, SNS and STS actions that the monitor, its demo and a CI job use. */
export { startAws } from './server';
export type { EmbeddedAws } from './server';
export type { Call, OrderedFault } from './endpoint';
export type { Published } from './store';

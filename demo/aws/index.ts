/** An AWS account in this process: the IAM and SNS actions that the monitor and its demo use. */
export { startAws } from './server';
export type { EmbeddedAws } from './server';
export type { Call, OrderedFault } from './endpoint';
export type { Published } from './store';

/** All examples of the documents. */
import { auditing } from './auditing';
import { deploying } from './deploying';
import { invoking } from './invoking';
import { operating } from './operating';

export const EXAMPLES = [...deploying, ...auditing, ...invoking, ...operating];

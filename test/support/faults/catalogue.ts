/** Every fault, by its group. */
import { AWS } from './catalogue/aws';
import { DNS } from './catalogue/dns';
import { HTTP } from './catalogue/http';
import { OIDC } from './catalogue/oidc';
import { RUN } from './catalogue/run';
import { SNS } from './catalogue/sns';
import { STATE } from './catalogue/state';
import { TCP } from './catalogue/tcp';
import { TLS } from './catalogue/tls';
import type { Fault, Group } from './fault';

/** The faults that are played as whole runs. */
export const CATALOGUE: Readonly<Record<Group, readonly Fault[]>> = {
  DNS,
  TCP,
  TLS,
  HTTP,
  OIDC,
  AWS,
  SNS,
  State: STATE,
  Run: RUN,
};

/** What the package offers to a CDK app. */
export { MonitorStack } from './monitor-stack';
export { MonitorAlarms } from './alarms';
export type { MonitorMetrics } from './metrics';
export { ConfigError } from '../lambda/domain/errors';
export type { ThumbprintMonitorProps, WatchProps } from './props';
export { CircleCiFederation } from './circleci-federation';
export { CircleCiRole } from './circleci-role';
export { FederationStack } from './federation-stack';
export type { FederationSource, FederationStackProps } from './federation-stack';
export type {
  CircleCiFederationProps,
  CircleCiRoleProps,
  CircleCiTrustProps,
  ICircleCiFederation,
} from './federation-props';
export { ThumbprintMonitor } from './thumbprint-monitor';

/** What the package offers to a CDK app. */
export { MonitorStack } from './monitor/monitor-stack';
export { MonitorAlarms } from './monitor/alarms';
export type { MonitorMetrics } from './monitor/metrics';
export { ConfigError } from '../lambda/domain/errors';
export type { ThumbprintMonitorProps, WatchProps } from './monitor/props';
export { CircleCiFederation } from './federation/circleci-federation';
export { CircleCiRole } from './federation/circleci-role';
export { FederationStack } from './federation/federation-stack';
export type { FederationSource, FederationStackProps } from './federation/federation-stack';
export type {
  CircleCiFederationProps,
  CircleCiRoleProps,
  CircleCiTrustProps,
  ICircleCiFederation,
} from './federation/props';
export { OidcRole } from './federation/oidc-role';
export type {
  BuildkiteTrust,
  EksTrust,
  GitHubRepository,
  GitHubTrust,
  GitLabTrust,
  HcpTerraformTrust,
  OidcRoleProps,
  OidcTrust,
  OneOrMore,
} from './federation/oidc-props';
export { ThumbprintMonitor } from './monitor/thumbprint-monitor';

/** What the package offers to a CDK app. */
export { MonitorStack } from './monitor-stack';
export { MonitorAlarms } from './alarms';
export type { MonitorMetrics } from './metrics';
export { ConfigError } from '../lambda/core/errors';
export type { ThumbprintMonitorProps, WatchProps } from './props';
export { ThumbprintMonitor } from './thumbprint-monitor';

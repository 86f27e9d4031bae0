/** What the package offers to a CDK app. */
export { MonitorStack } from './monitor-stack';
export type { ThumbprintMonitorProps, WatchProps } from './props';
export { ThumbprintMonitor } from './thumbprint-monitor';

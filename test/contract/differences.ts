/**
 * Intended differences from `recorded.json`, which holds the public contracts as they were before the restructuring.
 * Additive changes are listed, too: the list contains everything that users can notice.
 */

/** `path`: keys and indices joined by dots; `*` matches any one of them, and everything below a path belongs to it. */
export interface Difference {
  readonly path: string;
  readonly reason: string;
}

/** The differences. */
export const DIFFERENCES: readonly Difference[] = [
  {
    path: 'scenario.*.invocation.payload.targets.*.failure.detail',
    reason: 'A failure has the words of AWS or of the network.',
  },
  {
    path: 'scenario.*.invocation.payload.targets.*.findings.*.change',
    reason: 'A finding about a change has its facts as fields.',
  },
  {
    path: 'scenario.*.messages.*.body.events.*.findings.*.change',
    reason: 'The same in messages.',
  },
  {
    path: 'scenario.*.messages.*.body.events.*.findings.*.since',
    reason: 'A finding in a message says when it was first found.',
  },
  {
    path: 'scenario.*.invocation.payload.notes.*',
    reason: 'Notes are sentences: they were rewritten.',
  },
  {
    path: 'words.checks',
    reason: 'DISC005 is new.',
  },
  {
    path: 'scenario.command line.*.report.skipped',
    reason: 'A report lists the checks that did not run. An audit from the command line has no state.',
  },
  {
    path: 'words.configuration keys of the function',
    reason: 'accountName, docsUrl and updateIssuers are new.',
  },
  {
    path: 'words.configuration keys of the app',
    reason: 'The same for the app.',
  },
  {
    path: 'words.default of discover',
    reason:
      'All providers are read by default. What may be updated by default is as before; discover: circleci restores the rest.',
  },
];

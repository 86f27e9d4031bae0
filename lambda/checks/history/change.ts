/** The text of a change, generated from the stored facts. */
import { lookInCloudTrail } from '../../remedies/remedy';
import type { Finding } from '../../domain/types';
import type { Change, ChangeOf, KeyName } from '../../state/change';
import { showNames } from '../../state/identifiers';
import type { Names } from '../../state/identifiers';
import { count, showTime } from '../../text/layout';
import { LOGINS_UNKNOWN } from '../../domain/logins';
import type { CheckId } from '../../domain/checks';

/** The check of a change. */
export const checkOfChange = (stored: Change): CheckId => describeChange(stored).check;

/** The finding of a change: its text is generated every time. */
export const describeChange = (stored: Change): Finding => ({ ...inWords(stored), change: stored });

function inWords(stored: Change): Finding {
  switch (stored.kind) {
    case 'thumbprints-added':
      return thumbprintsAdded(stored);
    case 'thumbprints-removed':
      return thumbprintsRemoved(stored);
    case 'audiences':
      return audiencesChanged(stored);
    case 'update-lost':
      return updateLost(stored);
    case 'keys':
      return keysChanged(stored);
    case 'providers':
      return providersChanged(stored);
    case 'fewer-recipients':
      return fewerRecipients(stored);
    case 'earlier':
      return earlierChange(stored);
  }
}

const LIST_EVENT = lookInCloudTrail('UpdateOpenIDConnectProviderThumbprint');
const LIST_YOURSELF =
  'Check the evidence. If the certificate is correct, add its thumbprint to the list yourself.';
const IMPERSONATION =
  "If AWS uses the list, whoever holds that certificate's key could impersonate the issuer.";

const isOne = ({ names, more }: { readonly names: readonly unknown[]; readonly more: number }): boolean =>
  names.length + more === 1;

/** "A thumbprint was added to the list: a", or "Thumbprints were added to the list: a, b and 3 more". */
const thumbprintsWere = (names: Names, done: string): string =>
  `${isOne(names) ? 'A thumbprint was' : 'Thumbprints were'} ${done}: ${showNames(names, 'malformed value')}.`;

function thumbprintsAdded({ comparison, isLater, thumbprints }: ChangeOf<'thumbprints-added'>): Finding {
  const certificate = isOne(thumbprints) ? 'the certificate' : 'the certificates';
  const added = isLater
    ? `${thumbprintsWere(thumbprints, 'added to the list earlier')} In that run the issuer could not be audited.`
    : thumbprintsWere(thumbprints, 'added to the list');
  switch (comparison) {
    case 'served':
      return {
        check: 'THUMB008',
        severity: 'info',
        message: `${added} The issuer serves ${certificate}.`,
        remedy: LIST_EVENT,
      };
    case 'not-served':
      return {
        check: 'THUMB008',
        severity: 'high',
        message: `${added} No verified certificate chain of the issuer contains ${certificate}. ${IMPERSONATION}`,
        remedy: LIST_EVENT,
      };
    case 'not-compared':
      return {
        check: 'THUMB008',
        severity: 'high',
        message: `${added} It is not known whether the issuer serves ${certificate}, because the issuer could not be audited in this run. ${IMPERSONATION}`,
        remedy: LIST_EVENT,
      };
  }
}

const thumbprintsRemoved = ({ isOwn, thumbprints }: ChangeOf<'thumbprints-removed'>): Finding => ({
  check: 'THUMB008',
  severity: isOwn ? 'medium' : 'info',
  message: `${thumbprintsWere(thumbprints, 'removed from the list')}${
    isOwn
      ? ` The monitor had added ${isOne(thumbprints) ? 'it' : 'them'}, or had started to do so. The monitor will not add ${isOne(thumbprints) ? 'it' : 'them'} again.`
      : ''
  }`,
  remedy: LIST_EVENT,
});

function audiencesChanged({ action, audiences: { names, more } }: ChangeOf<'audiences'>): Finding {
  const quoted = { names: names.map((name) => `"${name}"`), more };
  const what = names.length === 0 ? `${count(more, 'value')} with unusual characters` : showNames(quoted, '');
  const one = isOne({ names, more });
  const were = one ? 'An audience was' : 'Audiences were';
  const these = one ? 'this audience' : 'these audiences';
  return action === 'added'
    ? {
        check: 'PROV007',
        severity: 'medium',
        message: `${were} added to the provider: ${what}. AWS now accepts tokens with ${these}.`,
        remedy: lookInCloudTrail('AddClientIDToOpenIDConnectProvider'),
      }
    : {
        check: 'PROV007',
        severity: 'info',
        message: `${were} removed from the provider: ${what}. AWS no longer accepts tokens with ${these}.`,
        remedy: lookInCloudTrail('RemoveClientIDFromOpenIDConnectProvider'),
      };
}

const updateLost = ({ startedAt, thumbprints }: ChangeOf<'update-lost'>): Finding => ({
  check: 'THUMB008',
  severity: 'medium',
  message: `The list does not show the update that the monitor started at ${showTime(startedAt)}. The update would have added ${showNames(thumbprints, 'malformed value')}. Either IAM did not apply it, or somebody reverted it. The monitor does not try again.`,
  remedy: LIST_YOURSELF,
});

function keysChanged({ added, removed, published }: ChangeOf<'keys'>): Finding {
  const named = ({ names, more }: ChangeOf<'keys'>['added']): string =>
    showNames({ names: names.map(nameOfKey), more }, 'key');
  const words = [
    ...(added.names.length + added.more === 0 ? [] : [`Added: ${named(added)}.`]),
    ...(removed.names.length + removed.more === 0 ? [] : [`Removed: ${named(removed)}.`]),
  ];
  return {
    check: 'JWKS002',
    severity: 'info',
    message: `The issuer changed its signing keys. ${words.join(' ')} It now publishes ${count(published, 'key')}. AWS reads the signing keys directly from the issuer.`,
    remedy: "No action is needed if you expect this change. Otherwise, ask the issuer's operator.",
  };
}

const nameOfKey = ({ kid, kty, thumbprint }: KeyName): string =>
  `${kty === null ? 'key' : `${kty} key`} ${kid === null ? '' : `"${kid}" `}(${thumbprint})`;

function providersChanged({ action, providers }: ChangeOf<'providers'>): Finding {
  const { names } = providers;
  const [only] = names;
  const one = isOne(providers) && only !== undefined;
  const subject = one ? { subject: only } : {};
  const total = names.length + providers.more;
  const were = `${isOne(providers) ? 'An OIDC provider was' : `${total} OIDC providers were`} ${action}`;
  const named = showNames({ ...providers, names: names.map((name) => `"${name}"`) }, '');
  const what = names.length === 0 ? were : `${were}: ${named}`;
  if (action === 'created')
    return {
      check: 'PROV006',
      severity: 'high',
      ...subject,
      message: `${what}. AWS accepts tokens of a new provider for the roles that trust it.`,
      remedy: `If you do not expect this change, ask who created the provider. ${lookInCloudTrail('CreateOpenIDConnectProvider')}`,
    };
  return {
    check: 'PROV006',
    severity: 'medium',
    ...subject,
    message: `${what}. AWS no longer accepts tokens of a deleted provider. ${LOGINS_UNKNOWN}`,
    remedy: `If you do not expect this change, ask who deleted the provider. ${lookInCloudTrail('DeleteOpenIDConnectProvider')}`,
  };
}

const fewerRecipients = ({ before, now }: ChangeOf<'fewer-recipients'>): Finding => ({
  check: 'OPS001',
  severity: 'high',
  message: `The alert topic has ${count(now, 'confirmed subscription')}, ${before - now} fewer than before.`,
  remedy:
    'Find out who no longer receives the alerts. Mail scanners may follow the unsubscribe link of a mail. To prevent this, confirm subscriptions with --authenticate-on-unsubscribe true.',
});

const earlierChange = ({ check, severity, thumbprints }: ChangeOf<'earlier'>): Finding => ({
  check,
  severity,
  message: `A change (${check}) was found before this version of the monitor was installed, and nobody has been alerted.${
    thumbprints.names.length === 0 ? '' : ` It is about ${showNames(thumbprints, 'malformed value')}.`
  }`,
  remedy: `Look up ${check} in the documentation of the findings.`,
});

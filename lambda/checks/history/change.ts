/** The text of a change, generated from the stored facts. */
import { lookInCloudTrail } from '../../remedies/remedy';
import type { Finding } from '../../domain/types';
import type { Change, ChangeOf, KeyName } from '../../state/change';
import { showNames } from '../../state/identifiers';
import type { Names } from '../../state/identifiers';
import { count } from '../../text/layout';
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
const thumbprintsIn = (names: Names): string => showNames(names, 'malformed value');

function thumbprintsAdded({ comparison, isLater, thumbprints }: ChangeOf<'thumbprints-added'>): Finding {
  const added = `Somebody added ${thumbprintsIn(thumbprints)} to the list`;
  const earlier = isLater
    ? `${added} earlier, while the certificate could not be compared. It has been compared now:`
    : added;
  switch (comparison) {
    case 'served':
      return {
        check: 'THUMB008',
        severity: 'info',
        message: isLater ? `${earlier} the issuer serves it.` : `${earlier}; the issuer serves it.`,
        remedy: LIST_EVENT,
      };
    case 'not-served':
      return {
        check: 'THUMB008',
        severity: 'high',
        message: `${earlier}${isLater ? ' no' : '. No'} chain that verifies from here holds it. Where AWS checks the list, its owner can stand in for the issuer.`,
        remedy: LIST_EVENT,
      };
    case 'not-compared':
      return {
        check: 'THUMB008',
        severity: 'high',
        message: `${added}. The certificate could not be compared: in this run the issuer could not be audited, so whether it serves this certificate is not known. Where AWS checks the list, the owner of the certificate can stand in for the issuer.`,
        remedy: LIST_EVENT,
      };
  }
}

const thumbprintsRemoved = ({ isOwn, thumbprints }: ChangeOf<'thumbprints-removed'>): Finding => ({
  check: 'THUMB008',
  severity: isOwn ? 'medium' : 'info',
  message: isOwn
    ? `Somebody removed ${thumbprintsIn(thumbprints)} from the list. The monitor had added it, or had begun to. That is respected: it is not added again.`
    : `Somebody removed ${thumbprintsIn(thumbprints)} from the list.`,
  remedy: LIST_EVENT,
});

function audiencesChanged({ action, audiences: { names, more } }: ChangeOf<'audiences'>): Finding {
  const quoted = { names: names.map((name) => `"${name}"`), more };
  const what =
    names.length === 0
      ? count(more, 'audience with unusual characters').replace(/s$/, '')
      : `the audience ${showNames(quoted, '')}`;
  return action === 'added'
    ? {
        check: 'PROV007',
        severity: 'medium',
        message: `Somebody added ${what}: tokens made for it are accepted now.`,
        remedy: lookInCloudTrail('AddClientIDToOpenIDConnectProvider'),
      }
    : {
        check: 'PROV007',
        severity: 'info',
        message: `Somebody removed ${what}.`,
        remedy: lookInCloudTrail('RemoveClientIDFromOpenIDConnectProvider'),
      };
}

const updateLost = ({ startedAt, thumbprints }: ChangeOf<'update-lost'>): Finding => ({
  check: 'THUMB008',
  severity: 'medium',
  message: `An update that the monitor began at ${startedAt} is not in the list: ${thumbprintsIn(thumbprints)}. It was not applied, or somebody took it back. It is not tried again.`,
  remedy: 'Look at the evidence. If the certificate is right, list it yourself.',
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
    message: `The issuer changed its signing keys. ${words.join(' ')} It publishes ${published} now. This needs no action unless it is unexpected: AWS reads the keys by itself.`,
    remedy: 'Nothing, if the rotation is expected. If it is not, ask whoever runs the issuer.',
  };
}

const nameOfKey = ({ kid, kty, thumbprint }: KeyName): string =>
  `${kty === null ? 'key' : `${kty} key`} ${kid === null ? '' : `"${kid}" `}(${thumbprint})`;

function providersChanged({ action, providers }: ChangeOf<'providers'>): Finding {
  const { names, more } = providers;
  const total = names.length + more;
  const [only] = names;
  const one = total === 1 && only !== undefined;
  const list = names.length === 0 ? '' : ` Among them: ${names.map((name) => `"${name}"`).join(', ')}.`;
  const subject = one ? { subject: only } : {};
  if (action === 'created')
    return {
      check: 'PROV006',
      severity: 'high',
      ...subject,
      message: one
        ? `A new OIDC provider is in the account: "${only}". Roles that trust it accept its tokens.`
        : `${count(total, 'new OIDC provider')} ${total === 1 ? 'is' : 'are'} in the account. Roles that trust them accept their tokens.${list}`,
      remedy: `If nobody expects it, find out who made it. ${lookInCloudTrail('CreateOpenIDConnectProvider')}`,
    };
  return {
    check: 'PROV006',
    severity: 'medium',
    ...subject,
    message: one
      ? `An OIDC provider is gone from the account: "${only}". Jobs that log in by it fail.`
      : `${count(total, 'OIDC provider')} ${total === 1 ? 'is' : 'are'} gone from the account. Jobs that log in by them fail.${list}`,
    remedy: `If nobody expects it, find out who deleted it. ${lookInCloudTrail('DeleteOpenIDConnectProvider')}`,
  };
}

const fewerRecipients = ({ before, now }: ChangeOf<'fewer-recipients'>): Finding => ({
  check: 'OPS001',
  severity: 'high',
  message: `The alert topic has ${count(now, 'confirmed subscription')}, ${before - now} fewer than before.`,
  remedy:
    'Find out who no longer hears the alerts. Mail scanners follow unsubscribe links: confirm with --authenticate-on-unsubscribe true.',
});

const earlierChange = ({ check, severity, thumbprints }: ChangeOf<'earlier'>): Finding => ({
  check,
  severity,
  message: `A change (${check}) was found before this version of the monitor was installed and nobody has been alerted of it yet.${
    thumbprints.names.length === 0 ? '' : ` It names ${thumbprintsIn(thumbprints)}.`
  }`,
  remedy: `See docs/findings.md: ${check}.`,
});

/** The message of a run whose words others chose. */
import { describe } from '@jest/globals';
import { distinctFaults } from '../support/faults/catalogue';
import { TLS } from '../support/faults/catalogue/tls';
import { messageScene, tellsHostileNames } from '../support/faults/message-suite';

describe('faults of the message', () => {
  const hostile = distinctFaults(TLS).filter(({ row }) => row === 13);
  tellsHostileNames(
    'about %s has a subject that SNS takes, cut where it would be too long (fault 35)',
    hostile,
    messageScene(),
  );
});

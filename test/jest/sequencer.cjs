/** Jest begins with the largest files where it knows no times; those of faults are small, and take the longest. */
const { default: Sequencer } = require('@jest/test-sequencer');
const { join } = require('node:path');

const FAULTS = join(__dirname, '..', 'faults');

class FaultsFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const isFault = ({ path }) => path.startsWith(FAULTS);
    return [...sorted.filter(isFault), ...sorted.filter((test) => !isFault(test))];
  }
}

module.exports = FaultsFirst;

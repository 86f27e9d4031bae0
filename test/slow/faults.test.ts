/** The faults of AWS once more, with moto_server behind the proxy: what a grown emulator makes of them. */
import { motoAws } from '../support/faults/aws';
import { suite } from '../support/faults/suite';
import { motoIsThere } from '../support/moto';

const beforeMoto = { openAws: motoAws, isThere: motoIsThere } as const;

suite('AWS', { name: 'AWS, before moto_server', ...beforeMoto });
suite('SNS', { name: 'SNS, before moto_server', ...beforeMoto });
suite('State', { name: 'State, before moto_server', ...beforeMoto });

import { motoAws } from '../support/faults/aws';
import { suite } from '../support/faults/suite';
import { motoIsThere } from '../support/moto';

suite('State');
suite('State', { name: 'State, before moto_server', openAws: motoAws, isThere: motoIsThere });

import { motoAws } from '../support/faults/aws';
import { suite } from '../support/faults/suite';
import { motoIsThere } from '../support/moto';

suite('AWS');
suite('AWS', { name: 'AWS, before moto_server', openAws: motoAws, isThere: motoIsThere });

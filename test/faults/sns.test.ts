import { motoAws } from '../support/faults/aws';
import { suite } from '../support/faults/suite';
import { motoIsThere } from '../support/moto';

suite('SNS');
suite('SNS', { name: 'SNS, before moto_server', openAws: motoAws, isThere: motoIsThere });

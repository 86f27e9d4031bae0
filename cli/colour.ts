/** Colours of a terminal, and when to use them. */
import type { Severity } from '../lambda/domain/types';

/** Paints a text. Without colours it is the identity. */
export type Paint = (text: string, colour: Colour) => string;

/** What the table paints: severities, and text that is faint or strong. */
export type Colour = Severity | 'faint' | 'strong' | 'good';

/** SGR parameters (ECMA-48 section 8.3.117): the eight basic colours, which every theme defines. */
const CODES: Readonly<Record<Colour, string>> = {
  critical: '1;31',
  high: '31',
  medium: '33',
  low: '36',
  info: '2',
  faint: '2',
  strong: '1',
  good: '32',
};

/** What decides about colours. `flag`: false for `--no-color`. */
export interface ColourQuestion {
  readonly flag: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly isTerminal: boolean;
}

/** The flag first, then NO_COLOR (no-color.org), then FORCE_COLOR, then whether it is a terminal that knows colours. */
export function wantsColour({ flag, environment, isTerminal }: ColourQuestion): boolean {
  const force = environment['FORCE_COLOR'];
  if (!flag || isSet(environment['NO_COLOR'])) return false;
  if (force === '0' || force === 'false') return false;
  return isSet(force) || (isTerminal && environment['TERM'] !== 'dumb');
}

const isSet = (value: string | undefined): boolean => value !== undefined && value !== '';

/** Paints, or leaves as it is. */
export const painter = (colourful: boolean): Paint =>
  colourful ? (text, colour) => `\u001b[${CODES[colour]}m${text}\u001b[0m` : (text) => text;

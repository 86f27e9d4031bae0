/** Growth as a picture: run time over the number of orgs, both logarithmic. */
import type { GrowthPoint } from './growth-table';

const WIDTH = 640;
const HEIGHT = 400;
const MARGIN = { left: 60, right: 130, top: 30, bottom: 50 };
const ORGS = [1, 1000] as const;
const TRIPS = [1, 1000] as const;

/** A line of the plot; points without a value are left out. */
interface Line {
  readonly name: string;
  readonly colour: string;
  readonly dashed?: boolean;
  readonly at: (point: GrowthPoint) => number | null;
}

/** Set-up, then 8 connections with 8 of two documents each; beside it 16 sockets of IAM. */
const limitOf = (orgs: number): number => Math.max(3 + Math.ceil((2 * orgs) / 64), 2 + Math.ceil(orgs / 16));

const LINES: readonly Line[] = [
  { name: 'naive way', colour: '#c0392b', at: ({ naiveRtt }) => naiveRtt },
  { name: 'first run', colour: '#2471a3', at: ({ coldRtt }) => coldRtt },
  { name: 'warm run', colour: '#1e8449', at: ({ warmRtt }) => warmRtt },
  { name: 'requests alone', colour: '#b7950b', at: ({ requestsRtt }) => requestsRtt },
  { name: 'network alone', colour: '#7f8c8d', dashed: true, at: ({ orgs }) => limitOf(orgs) },
];

/** An SVG document. */
export function plot(points: readonly GrowthPoint[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    '<title>Run time in round trips over the number of orgs</title>',
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    ...decades(ORGS).map(
      (orgs) =>
        `${rule(x(orgs), y(TRIPS[0]), x(orgs), y(TRIPS[1]))}${label(x(orgs), y(1) + 18, String(orgs), 'middle')}`,
    ),
    ...decades(TRIPS).map(
      (trips) =>
        `${rule(x(ORGS[0]), y(trips), x(ORGS[1]), y(trips))}${label(x(1) - 8, y(trips) + 4, String(trips), 'end')}`,
    ),
    label((x(ORGS[0]) + x(ORGS[1])) / 2, HEIGHT - 12, 'orgs', 'middle'),
    label(MARGIN.left - 45, 18, 'round trips', 'start'),
    ...LINES.map((line) => draw(line, points)),
    ...names(points),
    '</svg>',
    '',
  ].join('\n');
}

const scale = (value: number, [from, to]: readonly [number, number]): number =>
  Math.log10(value / from) / Math.log10(to / from);
const x = (orgs: number): number =>
  Math.round(MARGIN.left + scale(orgs, ORGS) * (WIDTH - MARGIN.left - MARGIN.right));
const y = (trips: number): number =>
  Math.round(HEIGHT - MARGIN.bottom - scale(trips, TRIPS) * (HEIGHT - MARGIN.top - MARGIN.bottom));

const decades = ([from, to]: readonly [number, number]): readonly number[] =>
  Array.from({ length: Math.round(Math.log10(to / from)) + 1 }, (_, power) => from * 10 ** power);

const rule = (x1: number, y1: number, x2: number, y2: number): string =>
  `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#ddd"/>`;
const label = (left: number, top: number, words: string, anchor: string, fill = '#333'): string =>
  `<text x="${left}" y="${top}" text-anchor="${anchor}" fill="${fill}">${words}</text>`;

const placesOf = ({ at }: Line, points: readonly GrowthPoint[]): readonly (readonly [number, number])[] =>
  points.flatMap((point) => {
    const value = at(point);
    return value === null ? [] : [[x(point.orgs), y(value)] as const];
  });

/** At a smaller distance two names overlap. */
const NAME_HEIGHT = 14;

/** Beside the end of each line, from the upper edge down, each under the one before. */
function names(points: readonly GrowthPoint[]): readonly string[] {
  const ends = LINES.flatMap((line) => {
    const end = placesOf(line, points).at(-1);
    return end === undefined ? [] : [{ ...line, left: end[0] + 8, top: end[1] + 4 }];
  }).sort((a, b) => a.top - b.top);
  let last = -Infinity;
  return ends.map(({ name, colour, left, top }) => {
    last = Math.max(top, last + NAME_HEIGHT);
    return label(left, last, name, 'start', colour);
  });
}

function draw(line: Line, points: readonly GrowthPoint[]): string {
  const { colour, dashed = false } = line;
  const places = placesOf(line, points);
  return [
    `<polyline points="${places.map((place) => place.join()).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"${dashed ? ' stroke-dasharray="5 4"' : ''}/>`,
    ...(dashed ? [] : places.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`)),
  ].join('');
}

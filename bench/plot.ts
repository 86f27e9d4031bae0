/** Growth as a picture: the time of a run over the number of orgs, both logarithmic. */
import type { Measured } from './goals';

const DECADES = [1, 10, 100, 1000];

/** Pixels. */
const x = (orgs: number): number => Math.round(60 + 150 * Math.log10(orgs));
const y = (trips: number): number => Math.round(350 - 107 * Math.log10(trips));

/** `down`: from the end of the line to its name. */
const LINES = [
  { name: 'naive', contender: 'naive', time: 'firstMs', colour: '#c0392b', down: 4 },
  { name: 'first run', contender: 'monitor', time: 'firstMs', colour: '#2471a3', down: 4 },
  { name: 'warm run', contender: 'monitor', time: 'warmMs', colour: '#1e8449', down: 4 },
  { name: 'requests alone', contender: 'requests alone', time: 'warmMs', colour: '#b7950b', down: 10 },
] as const;

/** An SVG document. */
export function plot({ growth, roundTripMs }: Measured): string {
  const lines = LINES.map(({ name, contender, time, colour, down }) => {
    const points = growth
      .filter((each) => each.contender === contender && each[time] > 0)
      .map((each) => [x(each.orgs), y(each[time] / roundTripMs)] as const);
    const [left, top] = points.at(-1) ?? [0, 0];
    return [
      `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      label(left + 8, top + down, name, colour),
    ].join('');
  });
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 400" font-family="sans-serif" font-size="12">',
    '<title>Run time in round trips over the number of orgs</title>',
    '<rect width="640" height="400" fill="#fff"/>',
    ...DECADES.flatMap((value) => [
      `<path d="M${x(value)} ${y(1)}V${y(1000)}M${x(1)} ${y(value)}H${x(1000)}" stroke="#ddd"/>`,
      label(x(value) - 4, y(1) + 18, String(value)),
      label(28, y(value) + 4, String(value)),
    ]),
    label(x(30), 388, 'orgs'),
    label(15, 18, 'round trips'),
    ...lines,
    '</svg>',
    '',
  ].join('\n');
}

const label = (left: number, top: number, words: string, colour = '#333'): string =>
  `<text x="${left}" y="${top}" fill="${colour}">${words}</text>`;

/** A terminal's output as an SVG picture: README shows it, and a test checks that it is current. */

const COLUMN = 8.4;
const LINE = 19;
const MARGIN = 16;
/** Light text on a dark ground: contrast of at least 4.5:1 for each (WCAG 2.2, 1.4.3). */
const GROUND = '#1b1f27';
const STYLES: Readonly<Record<string, string>> = {
  '': 'fill="#d7dce5"',
  '1': 'fill="#ffffff" font-weight="bold"',
  '2': 'fill="#98a2b3"',
  '1;31': 'fill="#ff7b72" font-weight="bold"',
  '31': 'fill="#ff9a92"',
  '32': 'fill="#7ee787"',
  '33': 'fill="#e3b341"',
  '36': 'fill="#76d9e6"',
};

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Pieces of one line, each with the SGR parameters (ECMA-48) in front of it. */
function pieces(line: string): readonly { readonly sgr: string; readonly text: string }[] {
  return line.split('\u001b[').flatMap((part, index) => {
    const [, sgr = '', text = ''] = index === 0 ? [part, '', part] : (/^([\d;]*)m(.*)$/.exec(part) ?? []);
    return text === '' ? [] : [{ sgr: sgr === '0' ? '' : sgr, text }];
  });
}

/** Draws `output` below the command that wrote it. `label` says in words what the picture shows. */
export function terminalPicture(command: string, output: string, label: string): string {
  const lines = [`\u001b[2m$ \u001b[0m${command}`, '', ...output.trimEnd().split('\n')];
  const columns = Math.max(
    ...lines.map(
      (line) =>
        pieces(line)
          .map(({ text }) => text)
          .join('').length,
    ),
  );
  const width = Math.ceil(columns * COLUMN + 2 * MARGIN);
  const height = lines.length * LINE + 2 * MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeXml(label)}">`,
    `<rect width="100%" height="100%" rx="8" fill="${GROUND}"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" xml:space="preserve">`,
    ...lines.flatMap(drawLine),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

function drawLine(line: string, row: number): readonly string[] {
  let column = 0;
  return pieces(line).flatMap(({ sgr, text }) => {
    // Each piece gets the length of its columns, so that other fonts do not shift the table.
    const x = (MARGIN + column * COLUMN).toFixed(1);
    const y = MARGIN + (row + 0.75) * LINE;
    const length = (text.length * COLUMN).toFixed(1);
    column += text.length;
    if (text.trim() === '') return [];
    return [
      `<text x="${x}" y="${y}" textLength="${length}" lengthAdjust="spacingAndGlyphs" ${STYLES[sgr] ?? STYLES[''] ?? ''}>${escapeXml(text)}</text>`,
    ];
  });
}

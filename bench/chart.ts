/** The shares of the limit as a picture: a lane for each workload, a dot for each contestant. */
import type { EntryResult, RowResult } from './report.js';
import { isOurs } from './row.js';
import { shown } from './table.js';

const width = 1000;
const left = 300;
const right = 40;
const top = 96;
const lane = 34;
const lowest = 0.004;
const highest = 12;
const marks = [0.01, 0.03, 0.1, 0.3, 1, 3, 10];

/** Colours that people who see fewer of them tell apart, by the beginning of a name. */
const colours: readonly (readonly [name: string, colour: string])[] = [
  ['sallyport', '#d55e00'],
  ['sdk-v2', '#0072b2'],
  ['sdk-v1', '#56b4e9'],
  ['fastmcp', '#cc79a7'],
  ['tmcp', '#009e73'],
  ['mcp-lite', '#8c6bb1'],
  ['global fetch', '#777777'],
];

export function drawChart(results: readonly RowResult[], subtitle: string): string {
  const rows = results.filter(({ judged }) => judged === 'share');
  const height = top + rows.length * lane + 40;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" \
width="${width}" height="${height}" font-family="sans-serif" font-size="13">
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="16" y="28" font-size="18" font-weight="bold">Share of what bare Node does with the same \
CPU time</text>
<text x="16" y="48" fill="#555555">${escaped(subtitle)}; more is better, a bar is the spread of \
the rounds, a line across is our goal</text>
${legend(rows)}${grid(height)}
${rows.map((row, at) => drawRow(row, top + at * lane + lane / 2)).join('\n')}
</svg>
`;
}

function legend(rows: readonly RowResult[]): string {
  const names = new Set(rows.flatMap(({ entries }) => entries.map(({ name }) => name)));
  const present = colours.filter(([start]) => [...names].some((name) => name.startsWith(start)));
  return present
    .map(([name, colour], at) => {
      const x = 24 + at * 120;
      return `<circle cx="${x}" cy="70" r="6" fill="${colour}"/><text x="${x + 12}" y="75">\
${escaped(name)}</text>`;
    })
    .join('');
}

function grid(height: number): string {
  return marks
    .map((mark) => {
      const [x, bottom] = [position(mark), height - 30];
      const isLimit = mark === 1;
      return `<line x1="${x}" x2="${x}" y1="${top - 6}" y2="${bottom}" \
stroke="${isLimit ? '#222222' : '#dddddd'}"/><text x="${x}" y="${height - 12}" \
text-anchor="middle" fill="#555555">${isLimit ? 'limit' : shown({ judged: 'share' }, mark)}</text>`;
    })
    .join('\n');
}

function drawRow({ title, goal, entries }: RowResult, y: number): string {
  const goalX = position(goal);
  // Ours are drawn last, so that no other dot lies over them.
  const dots = entries
    .slice(1)
    .toSorted((a, b) => Number(isOurs(a.name)) - Number(isOurs(b.name)))
    .map((entry) => drawEntry(entry, y));
  return `<text x="${left - 16}" y="${y + 4}" text-anchor="end">${escaped(title)}</text>
<line x1="${left}" x2="${width - right}" y1="${y}" y2="${y}" stroke="#eeeeee"/>
<line x1="${goalX}" x2="${goalX}" y1="${y - 11}" y2="${y + 11}" stroke="#d55e00" \
stroke-width="3"/>
${dots.join('\n')}`;
}

function drawEntry({ name, ratio, min, max }: EntryResult, y: number): string {
  if (ratio === null || min === null || max === null) return '';
  const colour = colours.find(([start]) => name.startsWith(start))?.[1] ?? '#000000';
  const said = `${name}: ${shown({ judged: 'share' }, ratio)}`;
  return `<g fill="${colour}"><title>${escaped(said)}</title><line x1="${position(min)}" \
x2="${position(max)}" y1="${y}" y2="${y}" stroke="${colour}" stroke-width="3" \
opacity="0.5"/><circle cx="${position(ratio)}" cy="${y}" r="${isOurs(name) ? 7 : 5}"/></g>`;
}

/** Where a share stands: equal steps are equal factors. */
function position(share: number): number {
  const clamped = Math.min(highest, Math.max(lowest, share));
  const part = Math.log(clamped / lowest) / Math.log(highest / lowest);
  return Number((left + part * (width - left - right)).toFixed(1));
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

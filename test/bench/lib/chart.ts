import { ratio } from './format.ts';
import { isOurs, type Row } from './report.ts';

const width = 760;
const labelWidth = 270;
const barsWidth = 420;
const rowHeight = 17;
const headHeight = 30;
/** Longer bars are cut off. */
const longest = 4;

/** The style of all charts, in light and dark. */
export const style = `
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .head { font-weight: 600 }
  .small { font-size: 11px; fill: #59636e }
  .bar { fill: #afb8c1 }
  .ours { fill: #0969da }
  .one { stroke: #59636e; stroke-dasharray: 3 3 }
  polyline { fill: none; stroke-width: 2; stroke: #afb8c1 }
  .file { stroke: #0969da }
  .redis { stroke: #bc4c00 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .small { fill: #9198a1 }
    .bar { fill: #656c76 }
    .ours { fill: #4493f8 }
    .one { stroke: #9198a1 }
  }`;

/** An SVG with a bar for each ratio, by groups; those of the package stand out. */
export function drawRatios(rows: readonly Row[], caption: string): string {
  const shapes: string[] = [];
  let y = 14;
  const text = (x: number, content: string, attributes = '') =>
    shapes.push(`<text x="${x}" y="${y}" ${attributes}>${escape(content)}</text>`);

  const legend = 'Shorter is better; the dashed line is what a group is compared with';
  text(0, `${legend}; bars end at ${ratio(longest)}.`, 'class="small"');
  const bars = rows.flatMap(({ label, bar }) => (bar ? { label, ...bar } : []));
  for (const group of new Set(bars.map((bar) => bar.group))) {
    y += headHeight;
    text(0, group, 'class="head"');
    const top = y + 4;
    for (const bar of bars.filter((each) => each.group === group)) {
      y += rowHeight;
      const length = lengthOf(bar.ratio);
      const kind = isOurs(bar) ? 'ours' : 'bar';
      text(labelWidth - 8, bar.label, 'text-anchor="end"');
      shapes.push(
        `<rect class="${kind}" x="${labelWidth}" y="${y - 10}" width="${length}" height="12" rx="2"/>`,
      );
      text(labelWidth + length + 6, ratio(bar.ratio));
    }
    const one = labelWidth + lengthOf(1);
    shapes.push(`<line class="one" x1="${one}" y1="${top}" x2="${one}" y2="${y + 5}"/>`);
  }
  y += headHeight;
  text(0, caption, 'class="small"');
  const height = y + 10;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    '<title>Ratios of tt-token-manager and its peers</title>',
    `<style>${style}\n</style>`,
    ...shapes,
    '</svg>\n',
  ].join('\n');
}

function lengthOf(value: number): number {
  return Math.round((Math.min(value, longest) / longest) * barsWidth);
}

/** A text as XML holds it. */
export function escape(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

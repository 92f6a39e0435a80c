/** The documents that the tarball holds. */
export const shippedDocuments = ['README.md', 'SECURITY.md', 'CHANGELOG.md', 'examples/README.md'];

/** The documents that only the repository holds. */
export const otherDocuments = ['test/README.md', 'test/bench/README.md', '.github/CONTRIBUTING.md'];

/** The text below a heading of the second level. */
export function sectionOf(text: string, title: string): string {
  return (text.split(`\n## ${title}\n`)[1] ?? '').split('\n## ')[0]?.trim() ?? '';
}

/** The cells of a row of a table. */
export function cellsOf(line: string): string[] {
  return line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
}

/** The rows of the tables in a text, without heads. */
export function rowsOf(text: string): string[][] {
  const isRow = (line: string): boolean => line.startsWith('|');
  const lines = text.split('\n');
  return lines
    .filter(
      (line, index) => isRow(line) && !/^\| -/.test(line) && !/^\| -/.test(lines[index + 1] ?? ''),
    )
    .map(cellsOf);
}

/** The anchors of the headings of a text. */
export function anchorsIn(text: string): string[] {
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
}

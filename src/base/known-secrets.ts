/** Where a secret stands in a text. */
type Span = readonly [start: number, end: number];

/** Finds the secrets in a text that is not encoded. */
type Find = (text: string) => Span[];

const pieceLength = 8;
/** A shorter secret counts only where it stands alone: it may be part of any word. */
const shortestInWords = 4;

/** One character of a text: as it is, percent-encoded, or escaped as in JSON. */
const encodings: readonly RegExp[] = [
  /[^]/g,
  /%(?<hex>[\da-f]{2})|[^]/gi,
  /\\u00(?<hex>[\da-f]{2})|\\(?<escaped>[^])|[^]/gi,
];

/**
 * Creates a function that replaces in a text every known secret, or any 8 characters of one: plain, percent-encoded,
 * escaped as in JSON or in Base64. What it costs does not depend on the number of secrets.
 */
export function withoutSecrets(secrets: readonly string[]): (text: string) => string {
  const find = finderOf(secrets.filter((secret) => secret !== '').map(lower));
  return (text) => {
    const written = encodings.flatMap((encoding) => spansIn(text, encoding, find));
    let shown = '';
    let end = 0;
    for (const [from, to] of [...written, ...base64In(text, find)].sort(([a], [b]) => a - b)) {
      if (from >= end) shown += `${text.slice(end, from)}[redacted]`;
      end = Math.max(end, to);
    }
    return shown + text.slice(end);
  };
}

function finderOf(secrets: readonly string[]): Find {
  const short = secrets.filter(({ length }) => length < pieceLength);
  const pieces = new Set(secrets.flatMap(piecesOf));
  return (given) => {
    const text = lower(given);
    return [
      ...short.flatMap((secret) => wholeIn(text, secret)),
      ...piecesOf(text).flatMap((piece, at): Span[] =>
        pieces.has(piece) ? [[at, at + pieceLength]] : [],
      ),
    ];
  };
}

/** Not toLowerCase(): it makes two characters of some, and places would differ. */
function lower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function piecesOf(text: string): string[] {
  const count = Math.max(0, text.length - pieceLength + 1);
  return Array.from({ length: count }, (_, at) => text.slice(at, at + pieceLength));
}

function wholeIn(text: string, secret: string): Span[] {
  const found: Span[] = [];
  for (let at = text.indexOf(secret); at !== -1; at = text.indexOf(secret, at + 1)) {
    const end = at + secret.length;
    const neighbours = `${text[at - 1] ?? ''}${text[end] ?? ''}`;
    if (secret.length >= shortestInWords || !/[\da-z]/.test(neighbours)) found.push([at, end]);
  }
  return found;
}

/** Finds secrets in a text as one encoding reads it; spans are those of the text as it is written. */
function spansIn(text: string, encoding: RegExp, find: Find): Span[] {
  const written = Array.from(text.matchAll(encoding));
  const decoded = written.map(({ 0: all, groups: { hex, escaped } = {} }) =>
    hex === undefined ? (escaped ?? all) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const ends = [0, ...written.map(({ 0: all, index }) => index + all.length)];
  return find(decoded.join('')).map(([from, to]) => [ends[from] ?? 0, ends[to] ?? 0]);
}

/** A run of Base64 is a secret as a whole, wherever in it the secret starts. */
function base64In(text: string, find: Find): Span[] {
  const runs = Array.from(text.matchAll(/[\w+/-]{6,}/g)).filter(({ 0: run }) =>
    [0, 1, 2, 3].some((skipped) => {
      const bytes = Buffer.from(run.slice(skipped), 'base64').toString('latin1');
      return find(bytes).length > 0;
    }),
  );
  return runs.map(({ 0: run, index }) => [index, index + run.length]);
}

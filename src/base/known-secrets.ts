/** Where a secret stands in a text. */
type Span = readonly [start: number, end: number];

/** Finds the secrets in a text that is not encoded. */
type Find = (text: string) => Span[];

/** A decoded text, and the part of the original that each of its characters came from. */
interface Reading {
  readonly text: string;
  readonly spans: readonly Span[];
}

const pieceLength = 8;
/** A shorter secret counts only where it stands alone: it may be part of any word. */
const shortestInWords = 4;

/** How one character is written: in a form, in JSON, and in a list of bytes. */
const percent = /%([\da-f]{2})/gi;
const escape = /\\(?:u00([\da-f]{2})|([^]))/gi;
const hexByte = /\b(?:0x)?([\da-f]{2})\b[ ,]*/gi;
const decimalByte = /\b(\d{2,3})\b[ ,]*/g;
/** Encodings, also one inside the other, such as a form that is quoted in JSON. */
const encodings: readonly (readonly RegExp[])[] = [
  [],
  [percent],
  [escape],
  [escape, escape],
  [escape, percent],
  [percent, escape],
  [hexByte],
  [decimalByte],
];

/**
 * Creates a function that replaces in a text every known secret, or any 8 characters of one, however they are
 * encoded. What it costs does not depend on the number of secrets.
 */
export function withoutSecrets(secrets: readonly string[]): (text: string) => string {
  const find = finderOf(secrets.flatMap(formsOf));
  return (text) => {
    const encoded = encodings.flatMap((encoding) => encodedIn(decode(text, encoding), find));
    const spans = [...encoded, ...base64In(text, find)].sort(([a], [b]) => a - b);
    let shown = '';
    let end = 0;
    for (const span of spans) {
      if (span[0] >= end) shown += `${text.slice(end, span[0])}[redacted]`;
      end = Math.max(end, span[1]);
    }
    return shown + text.slice(end);
  };
}

/** A secret as a message may hold it: printable, and its bytes, which percent-encoding shows. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret).toString('latin1');
  const forms = [secret, bytes, secret.replace(/[^\x20-\x7e]+/g, ' ').trim()];
  return forms.filter((form) => form !== '').map((form) => form.toLowerCase());
}

function finderOf(secrets: readonly string[]): Find {
  const short = secrets.filter(({ length }) => length < pieceLength);
  const pieces = new Set(secrets.flatMap(piecesOf));
  return (given) => {
    const text = given.toLowerCase();
    return [
      ...short.flatMap((secret) => wholeIn(text, secret)),
      ...piecesOf(text).flatMap((piece, at): Span[] =>
        pieces.has(piece) ? [[at, at + pieceLength]] : [],
      ),
    ];
  };
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

function encodedIn(reading: Reading | undefined, find: Find): Span[] {
  if (!reading) return [];
  const { text, spans } = reading;
  return find(text).map(([from, to]) => [spans[from]?.[0] ?? 0, spans[to - 1]?.[1] ?? 0]);
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

/** Decodes a text, one encoding after the other; undefined where it does not have one of them. */
function decode(text: string, encoding: readonly RegExp[]): Reading | undefined {
  const plain = Array.from({ length: text.length }, (_, at): Span => [at, at + 1]);
  let reading: Reading = { text, spans: plain };
  for (const pattern of encoding) {
    if (reading.text.search(pattern) === -1) return undefined;
    reading = decodeOnce(reading, pattern, pattern === decimalByte ? 10 : 16);
  }
  return reading;
}

function decodeOnce({ text, spans }: Reading, pattern: RegExp, radix: number): Reading {
  const decoded: string[] = [];
  const sources: Span[] = [];
  let end = 0;
  for (const { 0: all, 1: code, 2: character, index } of text.matchAll(pattern)) {
    decoded.push(...text.slice(end, index).split(''));
    sources.push(...spans.slice(end, index));
    end = index + all.length;
    decoded.push(character ?? String.fromCharCode(Number.parseInt(code ?? '', radix) & 0xff));
    sources.push([spans[index]?.[0] ?? 0, spans[end - 1]?.[1] ?? 0]);
  }
  return {
    text: decoded.join('') + text.slice(end),
    spans: [...sources, ...spans.slice(end)],
  };
}

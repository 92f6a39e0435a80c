/** Where a secret shows in a text. */
type Span = readonly [start: number, end: number];

/** A text as somebody may read it, and the part of the original that each of its characters came from. */
interface Reading {
  readonly text: string;
  readonly spans: readonly Span[];
}

/** The parts and pieces of a text, and where each piece stands. */
interface Index {
  readonly parts: ReadonlySet<string>;
  readonly pieces: ReadonlyMap<string, readonly number[]>;
}

const pieceLength = 8;
/** Any piece of a secret holds one of its parts of this length that starts at a multiple of it. */
const partLength = pieceLength / 2;
/** A shorter secret counts only where it stands alone: it may be part of any word. */
const shortestInWords = 4;

/** How one character is written: in a form, in JSON, and as one of a list of bytes. */
const percent = /%([\da-f]{2})/gi;
const escape = /\\(?:u00([\da-f]{2})|([^]))/gi;
const hexByte = /\b(?:0x)?([\da-f]{2})\b[ ,]*/gi;
const decimalByte = /\b(\d{2,3})\b[ ,]*/g;
/** Encodings, also one in the other, such as a form that is quoted in JSON. */
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

/** The text with every known secret, or any 8 characters of one, replaced, however they are encoded. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const spans = [
    ...encodings.flatMap((encoding) => secretsIn(decode(text, encoding), secrets)),
    ...base64In(text, secrets),
  ].sort(([a], [b]) => a - b);
  let shown = '';
  let end = 0;
  for (const span of spans) {
    if (span[0] >= end) shown += `${text.slice(end, span[0])}[redacted]`;
    end = Math.max(end, span[1]);
  }
  return shown + text.slice(end);
}

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

/** A run of Base64 is a secret as a whole, wherever in it the secret starts. */
function base64In(text: string, secrets: readonly string[]): Span[] {
  return Array.from(text.matchAll(/[\w+/-]{6,}/g)).flatMap(({ 0: run, index }) => {
    const shows = [0, 1, 2, 3].some((skipped) => {
      const bytes = Buffer.from(run.slice(skipped), 'base64').toString('latin1');
      return secretsIn(decode(bytes, []), secrets).length > 0;
    });
    return shows ? [[index, index + run.length] as const] : [];
  });
}

function secretsIn(reading: Reading | undefined, secrets: readonly string[]): Span[] {
  if (!reading) return [];
  const text = reading.text.toLowerCase();
  const index = indexOf(text);
  const found = secrets.flatMap((secret) =>
    secret.length < pieceLength ? wholeIn(text, secret) : piecesIn(index, secret),
  );
  return found.map(([from, to]) => [
    reading.spans[from]?.[0] ?? 0,
    reading.spans[to - 1]?.[1] ?? 0,
  ]);
}

function wholeIn(text: string, secret: string): Span[] {
  const isAlone = (from: number, to: number): boolean =>
    !/[\da-z]/.test(`${text[from - 1] ?? ''}${text[to] ?? ''}`);
  return placesOf(text, secret)
    .map((at): Span => [at, at + secret.length])
    .filter(([from, to]) => secret.length >= shortestInWords || isAlone(from, to));
}

/** Every place costs the same, however often a secret repeats itself. */
function piecesIn({ parts, pieces }: Index, secret: string): Span[] {
  const found = new Set<string>();
  for (let part = 0; part + partLength <= secret.length; part += partLength) {
    if (!parts.has(secret.slice(part, part + partLength))) continue;
    for (let start = Math.max(0, part - partLength); start <= part; start++)
      found.add(secret.slice(start, start + pieceLength));
  }
  return Array.from(found)
    .flatMap((piece) => pieces.get(piece) ?? [])
    .map((at) => [at, at + pieceLength]);
}

function indexOf(text: string): Index {
  const parts = new Set<string>();
  const pieces = new Map<string, number[]>();
  for (let at = 0; at + partLength <= text.length; at++) {
    parts.add(text.slice(at, at + partLength));
    const piece = text.slice(at, at + pieceLength);
    const places = pieces.get(piece);
    if (places) places.push(at);
    else pieces.set(piece, [at]);
  }
  return { parts, pieces };
}

function placesOf(text: string, part: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + 1)) places.push(at);
  return places;
}

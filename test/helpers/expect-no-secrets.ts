import { inspect } from 'node:util';

/** Secrets, by the names that a failure calls them by. */
export type Secrets = Readonly<Record<string, string>>;

const pieceLength = 8;
/** What is left of a piece in Base64, whatever stands before and behind it. */
const base64Length = 10;

/**
 * Fails where a piece of a secret shows: 8 characters of it, in any case, as they are, percent-encoded,
 * escaped or in Base64. A string is searched as it is, everything else in every way it may be shown.
 */
export function expectNoSecrets(secrets: Secrets, ...values: readonly unknown[]): void {
  const wanted = Object.entries(secrets).map(([name, secret]) => ({
    name,
    pieces: piecesOf(secret.toLowerCase(), pieceLength),
    base64: base64Of(secret),
  }));
  for (const text of new Set(values.flatMap(textsOf))) {
    const escapes = [text, percentDecoded(text), unescaped(text), unescaped(unescaped(text))];
    const plain = new Set(escapes.map((one) => one.toLowerCase()));
    const base64 = text.replaceAll('-', '+').replaceAll('_', '/');
    for (const { name, pieces, base64: encoded } of wanted) {
      for (const one of plain) failWhere(name, one, pieces);
      failWhere(`${name} in Base64`, base64, encoded);
    }
  }
}

/** Everything that inspection can find, with the values of getters; not for live objects of Node. */
export function inspectWithGetters(value: unknown): string {
  return inspect(value, { ...thorough, getters: true });
}

const thorough = { depth: 12, showHidden: true, maxStringLength: null, maxArrayLength: null };

/** Every way in which a value may be shown. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  const texts = [inspect(value), inspect(value, thorough), asString(value), asJson(value)];
  if (value instanceof Uint8Array) texts.push(Buffer.from(value).toString('latin1'));
  if (value instanceof Error) {
    texts.push(value.message, value.stack ?? '');
    if (value.cause !== undefined && value.cause !== value) texts.push(...textsOf(value.cause));
  }
  return texts;
}

function asString(value: unknown): string {
  try {
    return String(value);
  } catch {
    return '';
  }
}

/** The JSON of a value, without what goes round in it. */
function asJson(value: unknown): string {
  const seen = new Set();
  const json = JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'bigint') return String(part);
    if (typeof part !== 'object' || part === null) return part;
    if (seen.has(part)) return undefined;
    seen.add(part);
    return part;
  }) as string | undefined;
  return json ?? '';
}

function percentDecoded(text: string): string {
  return text.replace(/%([\da-f]{2})/gi, (_, code: string) => character(code));
}

/** As JSON and inspection escape. */
function unescaped(text: string): string {
  return text
    .replace(/\\(?:u([\da-f]{4})|x([\da-f]{2}))/gi, (_, long?: string, short?: string) =>
      character(long ?? short ?? ''),
    )
    .replace(/\\(.)/g, '$1');
}

function character(code: string): string {
  return String.fromCharCode(Number.parseInt(code, 16));
}

function piecesOf(text: string, length: number): string[] {
  if (text.length <= length) return [text];
  const starts = Array.from({ length: text.length - length + 1 }, (_, start) => start);
  return starts.map((start) => text.slice(start, start + length));
}

/** In Base64 a text has three forms, by where its first byte comes to lie. */
function base64Of(secret: string): string[] {
  return [0, 1, 2].flatMap((start) => {
    const whole = Buffer.from(secret.slice(start));
    const text = whole.subarray(0, whole.length - (whole.length % 3)).toString('base64');
    return text.length < base64Length ? [] : piecesOf(text, base64Length);
  });
}

function failWhere(name: string, text: string, pieces: readonly string[]): void {
  const starts = pieces.map((piece) => text.indexOf(piece)).filter((start) => start !== -1);
  if (starts.length === 0) return;
  const first = Math.min(...starts);
  const before = text.slice(Math.max(0, first - 200), first);
  throw new Error(`a piece of the ${name} shows after ${JSON.stringify(before)}`);
}

import { inspect } from 'node:util';

/** Secrets, by the names that a failure calls them by. */
export type Secrets = Readonly<Record<string, string>>;

const pieceLength = 8;
/** What is left of a piece in Base64, whatever stands before and behind it. */
const base64Length = 10;

/**
 * Fails where a piece of a secret shows: 8 characters of it, in any case, as they are, percent-encoded,
 * escaped, as a list of bytes or in Base64. A string is searched as it is, everything else in every way it may be shown.
 */
export function expectNoSecrets(secrets: Secrets, ...values: readonly unknown[]): void {
  for (const text of new Set(values.flatMap(textsOf))) {
    const escapes = [text, percentDecoded(text), unescaped(text), unescaped(unescaped(text))];
    escapes.push(bytesListed(text, /\b(?:0x)?([\da-f]{2})\b[\s,]*/gi, 16));
    escapes.push(bytesListed(text, /\b(\d{2,3})\b[\s,]*/g, 10));
    const plain = new Set(escapes.map((one) => one.toLowerCase()));
    const base64 = text.replaceAll('-', '+').replaceAll('_', '/');
    for (const [name, secret] of Object.entries(secrets)) {
      for (const one of plain) failWhere(name, one, secret.toLowerCase(), pieceLength);
      for (const encoded of base64Of(secret))
        failWhere(`${name} in Base64`, base64, encoded, base64Length);
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
  // What an axios response hides from inspection, its request, is there for whoever asks for hidden properties.
  const showHidden = !isOfAxios(value);
  const deep = inspect(value, { ...thorough, showHidden });
  const texts = [inspect(value), deep, asString(value), asJson(value)];
  if (value instanceof Uint8Array) texts.push(Buffer.from(value).toString('latin1'));
  if (value instanceof Error) {
    texts.push(value.message, value.stack ?? '');
    if (value.cause !== undefined && value.cause !== value) texts.push(...textsOf(value.cause));
  }
  return texts;
}

/** Whether a value is a response or an error of axios. */
function isOfAxios(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'config' in value && 'request' in value;
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

/** As bytes are listed: `<Buffer 5a 71>`, `[90, 113]`. */
function bytesListed(text: string, byte: RegExp, radix: number): string {
  return text.replace(byte, (_, code: string) => character(code, radix));
}

function character(code: string, radix = 16): string {
  return String.fromCharCode(Number.parseInt(code, radix));
}

/** In Base64 a text has three forms, by where its first byte comes to lie. */
function base64Of(secret: string): string[] {
  return [0, 1, 2].flatMap((start) => {
    const whole = Buffer.from(secret.slice(start));
    const text = whole.subarray(0, whole.length - (whole.length % 3)).toString('base64');
    return text.length < base64Length ? [] : text;
  });
}

function failWhere(name: string, text: string, secret: string, length: number): void {
  const at = findPiece(text, secret, Math.min(length, secret.length));
  if (at === undefined) return;
  const before = text.slice(Math.max(0, at - 200), at);
  throw new Error(`a piece of the ${name} shows after ${JSON.stringify(before)}`);
}

/** Where a piece of a secret of at least this length begins in a text. */
function findPiece(text: string, secret: string, length: number): number | undefined {
  // Every piece holds one of these parts as a whole: only where one is, the rest is compared.
  const partLength = Math.ceil(length / 2);
  for (let start = 0; start + partLength <= secret.length; start += partLength) {
    const part = secret.slice(start, start + partLength);
    for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + 1)) {
      let before = 0;
      while (before < start && text[at - before - 1] === secret[start - before - 1]) before++;
      let end = partLength;
      while (start + end < secret.length && text[at + end] === secret[start + end]) end++;
      if (before + end >= length) return at - before;
    }
  }
  return undefined;
}

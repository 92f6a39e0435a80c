import { stripVTControlCharacters } from 'node:util';
import { withoutSecrets } from './known-secrets.js';
import { causesOf, innerOf, read } from './thrown.js';

/** What happened, in the words of whoever threw it. */
export interface Reason {
  readonly message: string;
  /** The code of the innermost cause that has one, such as `ECONNREFUSED`. */
  readonly code?: string;
}

/** Removes known secrets from texts and errors that come from outside this package. It never throws. */
export interface Redactor {
  /** Makes a secret known from now on; of those that were learnt, the last twelve are. */
  learn(secret: string): void;
  /** The text in one printable line of at most 200 characters, without known secrets. */
  text(text: string): string;
  /** The reasons that a thrown value and its causes give, and their code. */
  describe(thrown: unknown): Reason;
  /** The message of {@link Redactor.describe}. */
  reason(thrown: unknown): string;
  /** A copy of an error and its causes: names, codes, addresses, paths and messages, without known secrets. */
  error(thrown: unknown): Error;
}

/** Longest message that is shown or stored. */
export const longestText = 200;

const longestInput = 2_000;
const cutOff = 50;
const mostLearnt = 12;
const deepestCause = 4;
const keptFields = ['errno', 'syscall', 'address', 'port', 'path', 'hostname'] as const;

/** A secret, or a function that gives those that are known by now. */
export type KnownSecret = string | (() => readonly string[]);

/** Creates a {@link Redactor}; what it knows from the start is never forgotten. */
export function createRedactor(...known: readonly KnownSecret[]): Redactor {
  const learnt = new Set<string>();
  let searched = '';
  let search = withoutSecrets([]);

  function learn(secret: string): void {
    learnt.delete(secret);
    learnt.add(secret);
    const [oldest] = learnt;
    if (learnt.size > mostLearnt && oldest !== undefined) learnt.delete(oldest);
  }

  /** Replaces all that is known by now. */
  function replaceSecrets(raw: string): string {
    const given = known.flatMap((one) => (typeof one === 'string' ? one : one()));
    const secrets = [...given, ...learnt];
    const names = JSON.stringify(secrets);
    if (names !== searched) search = withoutSecrets(secrets);
    searched = names;
    return search(raw);
  }

  function text(raw: string): string {
    const shown = replaceSecrets(printable(raw));
    // The end of an input that was cut may be the beginning of a secret, too short to be known as one.
    return (raw.length > longestInput ? shown.slice(0, -cutOff) : shown).slice(0, longestText);
  }

  function describe(thrown: unknown): Reason {
    const causes = causesOf(thrown);
    const code = causes.map(codeOf).findLast((one) => one !== undefined);
    const messages: string[] = [];
    for (const message of causes.map((cause) => text(messageOf(cause)))) {
      const isNew = message !== '' && !messages.some((one) => one.includes(message));
      if (isNew && !/^fetch failed$/i.test(message)) messages.push(message);
    }
    const joined = messages.join(': ') || text(messageOf(thrown) || nameOf(thrown));
    const shown = code === undefined ? '' : text(code).slice(0, 60);
    const ending = joined.slice(0, longestText).includes(shown) ? '' : ` (${shown})`;
    const message = joined.slice(0, longestText - ending.length) + ending;
    return { message, ...(code !== undefined && { code: shown }) };
  }

  function error(thrown: unknown, depth = 0): Error {
    const [inner] = depth < deepestCause ? innerOf(thrown) : [];
    const cause = inner === undefined ? undefined : error(inner, depth + 1);
    const copy = new Error(text(messageOf(thrown)), cause && { cause });
    copy.name = text(nameOf(thrown)) || 'Error';
    copy.stack = `${copy.name}: ${copy.message}`;
    const code = depth === 0 ? describe(thrown).code : codeOf(thrown);
    if (code !== undefined) Object.assign(copy, { code: text(code) });
    for (const field of keptFields) {
      const value = read(thrown, field);
      if (typeof value === 'string') Object.assign(copy, { [field]: text(value) });
      if (typeof value === 'number') Object.assign(copy, { [field]: value });
    }
    return copy;
  }

  return {
    learn,
    text,
    describe,
    reason: (thrown) => describe(thrown).message,
    error: (thrown) => error(thrown),
  };
}

/** One line of printable ASCII, bounded before any work is done on it. */
function printable(raw: string): string {
  return stripVTControlCharacters(raw.slice(0, longestInput))
    .replace(/[^\x20-\x7e]+/g, ' ')
    .replace(/ +/g, ' ')
    .trim();
}

function codeOf(thrown: unknown): string | undefined {
  // fetch itself refuses to connect to some ports, and gives no code.
  const ownCode = read(thrown, 'message') === 'bad port' ? 'ECONNREFUSED' : undefined;
  return [read(thrown, 'code'), read(thrown, 'errno'), ownCode].find(
    (one): one is string => typeof one === 'string' && one !== '',
  );
}

function nameOf(thrown: unknown): string {
  const name = read(thrown, 'name');
  return typeof thrown === 'object' && typeof name === 'string' ? name : 'Error';
}

function messageOf(thrown: unknown): string {
  if (ArrayBuffer.isView(thrown)) return '[redacted]';
  const message = read(thrown, 'message');
  if (typeof message !== 'string') return nameOf(thrown) === 'Error' ? asText(thrown) : '';
  // JSON.parse quotes ten characters, or all, of what it was given.
  if (nameOf(thrown) !== 'SyntaxError') return message;
  return message.slice(0, longestInput).replace(/["'`].*["'`]/s, '[redacted]');
}

function asText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return 'unknown error';
  }
}

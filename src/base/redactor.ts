import { stripVTControlCharacters } from 'node:util';
import { withoutSecrets } from './known-secrets.js';
import { causesOf, innerOf, read } from './thrown.js';

/** What happened, in the words of whoever threw it. */
export interface Reason {
  readonly message: string;
  /** The code of the innermost cause that has one, such as `ECONNREFUSED`. */
  readonly code?: string;
}

/** Removes known secrets from texts and errors. It never throws. */
export interface Redactor {
  /** Makes a secret known from now on; of those that were learnt, the last twelve different ones are. */
  learnSecret(secret: string): void;
  /** The same for tokens, which come more often, and push no secret out. */
  learnToken(token: string): void;
  /** A foreign text in one printable line of at most 200 characters, without known secrets. */
  text(foreign: string): string;
  /** A text of our own, such as a path: nothing but known secrets is taken out of it. */
  own(text: string): string;
  /**
   * The reasons that a thrown value and its causes give, and their code: cut to a length, but paths and the code are
   * whole.
   */
  describe(thrown: unknown, longest?: number): Reason;
  /** The message of {@link Redactor.describe}. */
  reason(thrown: unknown): string;
  /** A copy of an error and its causes: names, codes, addresses, paths and messages, without known secrets. */
  error(thrown: unknown): Error;
}

/** Longest message that is shown or stored, paths aside. */
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
  const secrets = new Set<string>();
  const tokens = new Set<string>();
  let searched = '';
  let search = withoutSecrets([]);

  /** Replaces all that is known by now, and changes nothing else. */
  function own(text: string): string {
    const given = known.flatMap((one) => (typeof one === 'string' ? one : one()));
    const all = [...given, ...secrets, ...tokens];
    const names = JSON.stringify(all);
    if (names !== searched) search = withoutSecrets(all);
    searched = names;
    return search(text);
  }

  function text(foreign: string): string {
    const shown = own(printable(foreign));
    // The end of an input that was cut may be the beginning of a secret, too short to be known as one.
    const safe = foreign.length > longestInput ? shown.slice(0, -cutOff) : shown;
    return safe.slice(0, longestText).replace(/\p{Cs}$/u, '');
  }

  /** What an error says. One that names its path is of a system call or our own: nothing in it is foreign. */
  function sentence(thrown: unknown): string {
    const { length } = pathsOf(thrown);
    const message = messageOf(thrown);
    return length === 0 ? text(message) : own(message).slice(0, longestText + length);
  }

  function describe(thrown: unknown, longest = longestText): Reason {
    const causes = causesOf(thrown);
    const messages: string[] = [];
    for (const message of causes.map(sentence)) {
      const isNew = message !== '' && !messages.some((one) => one.includes(message));
      if (isNew && !/^fetch failed$/i.test(message)) messages.push(message);
    }
    const joined = messages.join(': ') || text(messageOf(thrown) || nameOf(thrown));
    const code = causes.flatMap(codeOf).map(shownCode).at(-1);
    const most = longest + causes.map(pathsOf).join('').length;
    const ending = code === undefined || joined.slice(0, most).includes(code) ? '' : ` (${code})`;
    const message = joined.slice(0, Math.max(0, most - ending.length)) + ending;
    return { message, ...(code !== undefined && { code }) };
  }

  /** A code as a whole; what is none, at its beginning. */
  function shownCode(code: string): string {
    return /^[\w.-]{1,100}$/.test(code) ? own(code) : text(code).slice(0, 60);
  }

  function error(thrown: unknown, depth = 0): Error {
    const [inner] = depth < deepestCause ? innerOf(thrown) : [];
    const cause = inner === undefined ? undefined : error(inner, depth + 1);
    const copy = new Error(sentence(thrown), cause && { cause });
    copy.name = text(nameOf(thrown)) || 'Error';
    copy.stack = `${copy.name}: ${copy.message}`;
    const code = depth === 0 ? describe(thrown).code : codeOf(thrown).map(shownCode)[0];
    if (code !== undefined) Object.assign(copy, { code });
    for (const field of keptFields) {
      const value = read(thrown, field);
      const show = field === 'path' ? own : text;
      if (typeof value === 'string') Object.assign(copy, { [field]: show(value) });
      if (typeof value === 'number') Object.assign(copy, { [field]: value });
    }
    return copy;
  }

  return {
    learnSecret: (secret) => remember(secrets, secret),
    learnToken: (token) => remember(tokens, token),
    ...{ text, own, describe },
    reason: (thrown) => describe(thrown).message,
    error: (thrown) => error(thrown),
  };
}

function remember(learnt: Set<string>, secret: string): void {
  learnt.delete(secret);
  learnt.add(secret);
  const [oldest] = learnt;
  if (learnt.size > mostLearnt && oldest !== undefined) learnt.delete(oldest);
}

/** A line without control characters, bounded before any work is done on it. */
function printable(raw: string): string {
  return stripVTControlCharacters(raw.slice(0, longestInput))
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim();
}

/** Returns the paths that a message names, together; '' for none. */
function pathsOf(thrown: unknown): string {
  const message = messageOf(thrown);
  const paths = [read(thrown, 'path'), read(thrown, 'dest')];
  return paths.filter((path) => typeof path === 'string' && message.includes(path)).join('');
}

/** Returns the code of a thrown value, if it has one. */
function codeOf(thrown: unknown): readonly string[] {
  // fetch itself refuses to connect to some ports, and gives no code.
  const ownCode = read(thrown, 'message') === 'bad port' ? 'ECONNREFUSED' : undefined;
  const codes = [read(thrown, 'code'), read(thrown, 'errno'), ownCode];
  return codes.filter((one): one is string => typeof one === 'string' && one !== '').slice(0, 1);
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

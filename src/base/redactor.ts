/** What an error may be made of, of any kind. */
type ErrorLike = Partial<Record<'name' | 'cause' | 'code', unknown>>;

const pieceLength = 6;
/** A word of this length, which nobody has told us of, may be a secret all the same. */
const opaqueLength = 16;
const longestText = 200;
/** Eight bytes or more as inspection lists them, in hex or decimal: each is a word too short to look secret. */
const listOfBytes = /(?:\b(?:0x)?[\da-f]{1,3}\b[ ,]+){7,}(?:0x)?[\da-f]{1,3}\b/gi;
/** What names and codes of errors look like: long, and hardly a digit, such as ERR_HTTP2_STREAM_ERROR. */
const labelPattern = /^[A-Za-z](?=\w{0,39}$)[A-Za-z_]*\d?[A-Za-z_]*$/;

/** Removes what must not be shown from texts and errors that come from outside this package. */
export interface Redactor {
  /** Never let this value, or a piece of it, through from now on, as it is, percent-encoded or in JSON. */
  learn(secret: string): void;
  /** The text in one line, without known secrets and without anything that looks like one. */
  text(text: string): string;
  /**
   * The text of an error; of one that the file system gave, without known secrets only: a long word in it is
   * a path.
   */
  reason(error: unknown): string;
  /** A copy of an error and its causes that keeps names, codes and redacted messages only. */
  error(error: unknown): Error;
}

/** Creates a {@link Redactor}. */
export function createRedactor(...known: readonly string[]): Redactor {
  const secrets = new Set(known.map((secret) => secret.toLowerCase()));

  function leaks(word: string): boolean {
    const readings = [word, percentDecoded(word), unescaped(word), unescaped(unescaped(word))];
    return readings.some((reading) => showsPiece(reading.toLowerCase()));
  }

  function showsPiece(text: string): boolean {
    for (const secret of secrets) {
      const length = Math.min(pieceLength, secret.length);
      for (let start = 0; start + length <= secret.length; start++) {
        if (text.includes(secret.slice(start, start + length))) return true;
      }
    }
    return false;
  }

  function text(raw: string): string {
    return redacted(raw, (word) => word.length >= opaqueLength || leaks(word));
  }

  function withoutKnown(raw: string): string {
    return redacted(raw, leaks);
  }

  /** A long word in a name or code is no secret, where it looks like one of them. */
  function label(raw: string): string {
    return labelPattern.test(raw) ? withoutKnown(raw) : text(raw);
  }

  function error(raw: unknown, depth = 0): Error {
    const { name, cause, code } = (raw instanceof Error ? raw : { name: 'Error' }) as ErrorLike;
    const inner = depth < 4 && cause !== undefined ? error(cause, depth + 1) : undefined;
    const copy = new Error(text(messageOf(raw)), inner && { cause: inner });
    copy.name = label(asText(name));
    copy.stack = `${copy.name}: ${copy.message}`;
    if (typeof code === 'string') Object.assign(copy, { code: label(code) });
    return copy;
  }

  return {
    learn(secret) {
      if (secret !== '') secrets.add(secret.toLowerCase());
    },
    text,
    reason: (raw) =>
      isOfFileSystem(raw) ? withoutKnown(asText(raw.message)) : text(messageOf(raw)),
    error: (raw) => error(raw),
  };
}

/** One line of printable ASCII, without the words that are secret. */
function redacted(raw: string, isSecret: (word: string) => boolean): string {
  return raw
    .slice(0, 2_000)
    .replace(/[^\x20-\x7e]+/g, ' ')
    .replace(listOfBytes, '[redacted]')
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => (isSecret(word) ? '[redacted]' : word))
    .join(' ')
    .slice(0, longestText);
}

/** What a form or a query writes as `%21`, such as the body of a token request in somebody's error. */
function percentDecoded(text: string): string {
  return text.replace(/%([\da-f]{2})/gi, (_, code: string) =>
    String.fromCharCode(parseInt(code, 16)),
  );
}

/** What JSON writes as `\"` and `\\`; twice, where a body that is JSON is quoted in JSON. */
function unescaped(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}

function messageOf(thrown: unknown): string {
  if (ArrayBuffer.isView(thrown)) return '[redacted]';
  if (!(thrown instanceof Error)) return asText(thrown);
  const message = asText(thrown.message);
  // JSON.parse quotes ten characters, or all, of what it was given.
  return thrown.name === 'SyntaxError' ? message.replace(/".*"/s, '[redacted]') : message;
}

/** Tells whether an error names a system call or a path, as those of Node and of our own stores do. */
function isOfFileSystem(thrown: unknown): thrown is Error {
  return thrown instanceof Error && ('syscall' in thrown || 'path' in thrown);
}

/** Whatever was thrown as text: it need not be convertible. */
function asText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return 'unknown error';
  }
}

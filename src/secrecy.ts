const pieceLength = 6;
const opaqueRun = /[\w+/=%.~-]{16,}/g;
const longestText = 200;

/** Removes what must not be shown from texts and errors that come from outside this package. */
export interface Redactor {
  /** Never let this value, or a piece of it, through from now on. */
  learn(secret: string): void;
  /** The text in one line, without known secrets and without anything that looks like one. */
  text(text: string): string;
  /** The text of an error of this machine without known secrets; what only looks like one is a path. */
  local(error: unknown): string;
  /** A copy of an error and its causes that keeps names, codes and redacted messages only. */
  error(error: unknown): Error;
}

/** Creates a {@link Redactor}. */
export function createRedactor(...known: readonly string[]): Redactor {
  const secrets = new Set(known.map((secret) => secret.toLowerCase()));

  function leaks(word: string): boolean {
    for (const secret of secrets) {
      const length = Math.min(pieceLength, secret.length);
      for (let start = 0; start + length <= secret.length; start++) {
        if (word.includes(secret.slice(start, start + length))) return true;
      }
    }
    return false;
  }

  function text(raw: string): string {
    return local(raw.replace(opaqueRun, '[redacted]'));
  }

  function local(raw: string): string {
    return raw
      .slice(0, 2_000)
      .replace(/[^\x20-\x7e]+/g, ' ')
      .split(' ')
      .filter((word) => word !== '')
      .map((word) => (leaks(word.toLowerCase()) ? '[redacted]' : word))
      .join(' ')
      .slice(0, longestText);
  }

  /** Names and codes of errors are long words that are no secrets, such as UND_ERR_CONNECT_TIMEOUT. */
  function label(raw: string): string {
    return /^[A-Za-z]\w*$/.test(raw) ? local(raw) : text(raw);
  }

  function error(raw: unknown, depth = 0): Error {
    if (!(raw instanceof Error)) return new Error(text(asText(raw)));
    const cause = depth < 4 && raw.cause !== undefined ? error(raw.cause, depth + 1) : undefined;
    const copy = new Error(text(asText(raw.message)), cause && { cause });
    copy.name = label(asText(raw.name));
    copy.stack = `${copy.name}: ${copy.message}`;
    const code = (raw as { code?: unknown }).code;
    if (typeof code === 'string') Object.assign(copy, { code: label(code) });
    return copy;
  }

  return {
    learn(secret) {
      if (secret !== '') secrets.add(secret.toLowerCase());
    },
    text,
    local: (raw) => local(asText(raw instanceof Error ? raw.message : raw)),
    error: (raw) => error(raw),
  };
}

/** Whatever was thrown as text: it need not be convertible. */
function asText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return 'unknown error';
  }
}

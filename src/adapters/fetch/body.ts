import { inNextTurn } from '../../base/timers.js';
import { bytesOfForm, isReplayable } from '../shared/replayable.js';
import { webStream } from '../shared/streams.js';

type Reader = ReadableStreamDefaultReader<Uint8Array>;
type Read = Awaited<ReturnType<Reader['read']>>;
type Content = NonNullable<RequestInit['body']> | null;

/** The body of one call, however often it is sent. */
export interface CallBody {
  /** Whether it can be sent now. A stream can be sent again after all of it was sent and kept. */
  canReplay(): boolean;
  /** The body for one attempt. */
  content(): Content;
}

/** Streams up to this length are kept, to be sent again. */
const longestKeptBody = 1_048_576;

/** The body of an init: it is sent as it is, a form of npm's form-data as its bytes the second time. */
export function givenBody(body: RequestInit['body']): CallBody {
  const form = bytesOfForm(body)?.bytes as Content | undefined;
  let next = body ?? null;
  return {
    canReplay: () => form !== undefined || isReplayable(body),
    content() {
      const content = next;
      next = form ?? content;
      return content;
    },
  };
}

/** A body whose bytes are all known: it is sent with a Content-Length. */
function wholeBody(chunks: readonly Uint8Array[]): CallBody {
  const [only] = chunks;
  const bytes = only && chunks.length === 1 ? only : Buffer.concat(chunks);
  return { canReplay: () => true, content: () => bytes };
}

/**
 * The body of a Request is always a stream. Text or bytes are one chunk, available at once. Of other bodies, one
 * chunk at most is read ahead, the rest while it is sent. Only a form that the platform wrote is read to its end,
 * because the platform sends it with a Content-Length.
 */
export async function requestBody(request: Request): Promise<CallBody> {
  const stream = request.body;
  if (!stream || typeof stream.getReader !== 'function') return givenBody(stream);
  const reader = stream.getReader() as Reader;
  const chunks: Uint8Array[] = [];
  let isForm = false;
  for (;;) {
    const reading = reader.read();
    const read: Read | undefined = await (isForm ? unlessFailed(reading) : ifAtHand(reading));
    // A producer that failed is left to fetch, which fails with its own error.
    if (read === undefined) return streamedBody(reader, chunks, reading);
    if (read.done) return wholeBody(chunks);
    if (!ArrayBuffer.isView(read.value)) return streamedBody(reader, [...chunks, read.value]);
    chunks.push(read.value);
    isForm ||= chunks.length === 1 && isPlatformForm(read.value);
    if (!isForm && chunks.length > 1) return streamedBody(reader, chunks);
  }
}

/** Returns whether a body starts like a FormData that the platform wrote; its content type may be another one. */
function isPlatformForm(chunk: Uint8Array): boolean {
  return /^--+\w*formdata/i.test(Buffer.from(chunk.subarray(0, 64)).toString('latin1'));
}

/** A stream of the chunks read ahead and of the rest; each chunk is read on demand, and kept. */
function streamedBody(
  reader: Reader,
  ahead: readonly Uint8Array[],
  pending?: Promise<Read>,
): CallBody {
  const kept: Uint8Array[] = [];
  const waiting = [...ahead];
  let length = 0;
  let isWhole = false;
  let reading = pending;

  async function read(): Promise<Read> {
    const value = waiting.shift();
    if (value) return { done: false, value };
    const next = reading ?? reader.read();
    reading = undefined;
    return next;
  }

  function keep(chunk: Uint8Array): void {
    length += chunk.byteLength;
    if (length <= longestKeptBody) kept.push(chunk);
    else kept.length = 0;
  }

  async function next(): Promise<Read> {
    const result = await read();
    if (result.done) isWhole = length <= longestKeptBody;
    else keep(result.value);
    return result;
  }

  const stream = webStream(next, (reason) => reader.cancel(reason));
  return {
    canReplay: () => isWhole,
    content: () => (isWhole ? Buffer.concat(kept) : stream),
  };
}

/** Returns the result of a read; undefined if it failed. */
async function unlessFailed<Value>(reading: Promise<Value>): Promise<Value | undefined> {
  return reading.catch(() => undefined);
}

/** Returns the result of a read; undefined if it has to wait for input, or failed. */
async function ifAtHand<Value>(reading: Promise<Value>): Promise<Value | undefined> {
  let stopTurn = (): void => undefined;
  const turn = new Promise<undefined>((resolve) => {
    stopTurn = inNextTurn(() => resolve(undefined));
  });
  try {
    return await Promise.race([unlessFailed(reading), turn]);
  } finally {
    stopTurn();
  }
}

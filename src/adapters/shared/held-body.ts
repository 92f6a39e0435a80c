import { Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import { discardBody } from '../../base/discard-body.js';
import { afterRunning } from '../../base/running-time.js';
import { isWebStream, webStream, type Chunk } from './streams.js';

/** The most that is read of a body before its caller reads it, and the longest that this takes. */
const mostBytes = 65_536;
const mostMs = 500;

/** A streamed body of which some is read before its caller reads it. */
export interface HeldBody {
  /** Returns the start of it as text. */
  text(): Promise<string>;
  /** Reads it, or gives up what is too long or too slow: either ends its hold on a connection. */
  free(): void;
  /** Gives it up. */
  discard(): void;
  /** Returns a stream of the same kind: what was read, and what is to come if it was not given up. */
  whole(): ReadableStream | Readable;
}

interface Source {
  next(): Promise<Chunk>;
  cancel(): void;
}

/**
 * Holds a stream of the web or of Node; undefined for what is none, or is read by somebody else.
 * @param destroy - gives up a stream of Node
 */
export function holdBody(body: unknown, destroy?: () => void): HeldBody | undefined {
  if (isWebStream(body)) {
    if (body.locked) return undefined;
    const reader = body.getReader();
    const cancel = (): void => discardBody({ body: reader });
    return hold({ next: () => reader.read(), cancel }, (next, stop) => webStream(next, stop));
  }
  if (!isNodeStream(body) || body.destroyed === true) return undefined;
  const iterator = body[Symbol.asyncIterator]();
  const cancel = destroy ?? ((): void => discardBody({ body }));
  return hold({ next: () => iterator.next(), cancel }, nodeStream);
}

function hold(
  source: Source,
  toStream: (next: Source['next'], stop: () => void) => ReadableStream | Readable,
): HeldBody {
  const chunks: Uint8Array[] = [];
  let length = 0;
  let isOver = false;
  let failure: { readonly reason: unknown } | undefined;
  let reading: Promise<void> | undefined;

  async function readOne(): Promise<void> {
    try {
      const { done, value } = await source.next();
      if (done) isOver = true;
      if (isOver) return;
      const chunk = typeof value === 'string' ? Buffer.from(value) : (value as Uint8Array);
      chunks.push(chunk);
      length += chunk.byteLength;
    } catch (reason) {
      if (!isOver) failure = { reason };
      isOver = true;
    }
  }

  /** One read at a time, whoever asks for it. */
  const step = (): Promise<void> => (reading ??= readOne().finally(() => (reading = undefined)));

  async function fill(): Promise<void> {
    while (!isOver && length <= mostBytes) await step();
  }

  function giveUp(): void {
    if (!isOver) source.cancel();
    isOver = true;
  }

  async function next(): Promise<Chunk> {
    while (chunks.length === 0 && !isOver) await step();
    const value = chunks.shift();
    if (!value && failure) throw failure.reason;
    return { done: !value, value };
  }

  return {
    async text() {
      await fill();
      return textOf(Buffer.concat(chunks));
    },
    free() {
      const stopTimer = afterRunning(mostMs, giveUp);
      void fill().then(giveUp).finally(stopTimer);
    },
    discard: giveUp,
    whole: () => toStream(next, giveUp),
  };
}

/** Returns the start of a body that has been read, in whatever form, as text. */
export async function textOf(data: unknown): Promise<string> {
  if (data === undefined || data === null) return '';
  if (typeof data === 'string') return data.slice(0, mostBytes);
  if (data instanceof Blob) return data.slice(0, mostBytes).text();
  if (data instanceof ArrayBuffer) return textOf(new Uint8Array(data));
  if (data instanceof Uint8Array) return new TextDecoder().decode(data.subarray(0, mostBytes));
  return textOf(JSON.stringify(data));
}

interface NodeStream extends AsyncIterable<unknown> {
  readonly destroyed?: boolean;
}

function isNodeStream(body: unknown): body is NodeStream {
  const { pipe } = (body ?? {}) as { pipe?: unknown };
  return typeof pipe === 'function' && Symbol.asyncIterator in (body as object);
}

function nodeStream(next: Source['next'], stop: () => void): Readable {
  async function* iterate(): AsyncGenerator {
    try {
      for (let read = await next(); !read.done; read = await next()) yield read.value;
    } finally {
      stop();
    }
  }
  return Readable.from(iterate(), { objectMode: false });
}

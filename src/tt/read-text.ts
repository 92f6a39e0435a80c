import { TextDecoder } from 'node:util';
import { orAborted } from '../base/abort.js';
import { discardBody } from '../base/discard-body.js';
import { headerOf } from '../base/fetch-like.js';

/** A response of any fetch: its body is a web stream, a Node stream, or not accessible. */
export interface AnyResponse {
  readonly headers?: unknown;
  readonly body?: unknown;
  text?(): Promise<string>;
  json?(): Promise<unknown>;
}

type Chunk = Uint8Array | string;
type Next = () => Promise<{ readonly done?: boolean | undefined; readonly value?: unknown }>;

/** The most bytes of an answer that are read. */
const mostBytes = 1 << 20;

/**
 * Returns the text of a response; undefined, without reading the rest, if it is longer than 1 MiB. Rejects with
 * the signal's reason when that is aborted.
 */
export async function readText(
  response: AnyResponse,
  signal?: AbortSignal,
): Promise<string | undefined> {
  if (Number(headerOf(response, 'content-length')) > mostBytes) {
    discardBody(response);
    return undefined;
  }
  const { next, giveUp } = readerOf(response);
  const reading = next ? readChunks(next, giveUp) : wholeText(response);
  if (!signal) return reading;
  try {
    return await orAborted(reading, signal);
  } catch (reason) {
    giveUp();
    throw reason;
  }
}

async function wholeText(response: AnyResponse): Promise<string | undefined> {
  const text = response.text ? await response.text() : await jsonText(response);
  return text.length > mostBytes ? undefined : text;
}

function readerOf(response: AnyResponse): { readonly next?: Next; giveUp(): void } {
  const body = response.body as Partial<ReadableStream & AsyncIterable<unknown>> | null | undefined;
  if (typeof body?.getReader === 'function') {
    const reader = body.getReader();
    return { next: () => reader.read(), giveUp: () => discardBody({ body: reader }) };
  }
  const iterator = body?.[Symbol.asyncIterator]?.();
  const giveUp = (): void => discardBody(response);
  return iterator ? { next: () => iterator.next(), giveUp } : { giveUp };
}

async function readChunks(next: Next, giveUp: () => void): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = '';
  for (;;) {
    const { done, value } = await next();
    if (done) return text + decoder.decode();
    const chunk = value as Chunk;
    bytes += chunk.length;
    if (bytes > mostBytes) {
      giveUp();
      return undefined;
    }
    text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
  }
}

/** Parses JSON; undefined if that fails, as the error would quote the text. */
async function jsonText(response: AnyResponse): Promise<string> {
  try {
    return JSON.stringify((await response.json?.()) ?? null);
  } catch {
    return '';
  }
}

import { discardBody } from '../base/discard-body.js';

/** A response as fetch and its imitations give it: with a WHATWG body, one of Node, or none to be seen. */
interface AnyResponse {
  readonly headers: { get(name: string): string | null };
  readonly body?: unknown;
  text?(): Promise<string>;
  json?(): Promise<unknown>;
}

type Chunk = Uint8Array | string;
type Next = () => Promise<{ readonly done?: boolean | undefined; readonly value?: unknown }>;

/** Most bytes of an answer that are read. */
const mostBytes = 1 << 20;

/** The text of a response; undefined, without waiting for the rest, where it has more than 1 MiB. */
export async function readText(response: AnyResponse): Promise<string | undefined> {
  if (Number(response.headers.get('content-length')) > mostBytes) {
    discardBody(response);
    return undefined;
  }
  const { next, giveUp } = readerOf(response);
  if (next) return readChunks(next, giveUp);
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

/** What could not be parsed says nothing: the error would quote it. */
async function jsonText(response: AnyResponse): Promise<string> {
  try {
    return JSON.stringify((await response.json?.()) ?? null);
  } catch {
    return '';
  }
}

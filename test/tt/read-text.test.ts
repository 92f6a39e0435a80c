import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readText } from '../../src/tt/read-text.js';

const chunk = new Uint8Array(1 << 16).fill(0x20);
const headers = new Headers();

/** Chunks without end, and how many of them were taken. */
function endless() {
  let taken = 0;
  const next = (): Uint8Array => {
    taken++;
    return chunk;
  };
  return { next, taken: () => taken };
}

/** The bytes of a text, cut in two. */
function inTwoChunks(text: string, at: number): ReadableStream<Uint8Array> {
  const bytes = Buffer.from(text);
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes.subarray(0, at));
      controller.enqueue(bytes.subarray(at));
      controller.close();
    },
  });
}

describe('the text of a response', () => {
  it.each<[string, Parameters<typeof readText>[0]]>([
    ['of the platform', new Response('{"a":"é"}')],
    ['with a stream of Node', { headers, body: Readable.from([Buffer.from('{"a":"é"}')]) }],
    ['with a stream of texts', { headers, body: Readable.from(['{"a":', '"é"}']) }],
    ['with text() only', { headers, text: () => Promise.resolve('{"a":"é"}') }],
    ['with an é in two chunks', new Response(inTwoChunks('{"a":"é"}', 7))],
    ['with json() only', { headers, json: () => Promise.resolve({ a: 'é' }) }],
  ])('%s is read', async (_, response) => {
    expect(await readText(response)).toBe('{"a":"é"}');
  });

  it('says nothing of JSON that cannot be parsed', async () => {
    const response = { headers, json: () => new Response('a-secret').json() };
    expect(await readText(response)).toBe('');
  });

  it('may be as long as 1 MiB, in any form', async () => {
    const text = ' '.repeat(1 << 20);
    const length = { 'content-length': String(text.length) };
    expect(await readText(new Response(text, { headers: length }))).toBe(text);
    expect(await readText({ headers, text: () => Promise.resolve(text) })).toBe(text);
  });

  it('is empty, or null, where the response has no body and no method', async () => {
    expect(await readText({ headers, body: null, text: () => Promise.resolve('') })).toBe('');
    expect(await readText({ headers })).toBe('null');
  });

  it('is given up after 1 MiB by cancelling the stream that was locked for reading', async () => {
    const reasons: unknown[] = [];
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(chunk),
      cancel: (reason) => void reasons.push(reason),
    });
    expect(await readText(new Response(body))).toBeUndefined();
    expect(reasons).toHaveLength(1);
  });

  it('is given up after 1 MiB, though its cancellation never ends', async () => {
    const { next, taken } = endless();
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(next()),
      cancel: () => new Promise(() => undefined),
    });
    expect(await readText(new Response(body))).toBeUndefined();
    expect(taken()).toBeLessThan(20);
  });

  it('is given up after 1 MiB of a stream of Node, which is destroyed', async () => {
    const { next, taken } = endless();
    const body = new Readable({
      read() {
        this.push(next());
      },
    });
    expect(await readText({ headers, body })).toBeUndefined();
    expect(taken()).toBeLessThan(40);
    expect(body.destroyed).toBe(true);
  });

  it('is not read at all where its length says too much', async () => {
    const { next, taken } = endless();
    const body = new ReadableStream<Uint8Array>(
      { pull: (controller) => controller.enqueue(next()) },
      { highWaterMark: 0 },
    );
    const length = { 'content-length': String((1 << 20) + 1) };
    expect(await readText(new Response(body, { headers: length }))).toBeUndefined();
    expect(taken()).toBe(0);
  });

  it('is too long where only text() shows it', async () => {
    const response = { headers, text: () => Promise.resolve(' '.repeat((1 << 20) + 1)) };
    expect(await readText(response)).toBeUndefined();
  });
});

import type { Case } from './cases.js';

/** Makes the body of a case, for a client with its own FormData and its own kind of stream. */
export function bodyOf(
  { body: { kind, text } }: Case,
  OwnFormData: typeof FormData,
  toStream: (text: string) => unknown = (words) => new Blob([words]).stream(),
): unknown {
  switch (kind) {
    case 'none':
      return undefined;
    case 'json':
      return { text, list: [1, null] };
    case 'text':
      return text;
    case 'form':
      return new URLSearchParams({ text });
    case 'FormData': {
      const form = new OwnFormData();
      form.set('text', text);
      form.set('file', new Blob([text], { type: 'text/x-own' }), 'own.txt');
      return form;
    }
    case 'Blob':
      return new Blob([text], { type: 'text/x-own' });
    case 'bytes':
      return new TextEncoder().encode(text);
    case 'ArrayBuffer':
      return new TextEncoder().encode(text).buffer;
    case 'stream':
      return toStream(text);
  }
}

/**
 * The case with a body that fetch can send to the next hop. A stream cannot be sent again: fetch fails, the
 * adapter hands over the redirect. Of bytes, undici sends a detached buffer, and fails; the adapter does not.
 */
export function withRedirectableBody(asked: Case): Case {
  const { body, plan } = asked;
  const isStuck = ['stream', 'bytes', 'ArrayBuffer'].includes(body.kind) && plan.hops.length > 0;
  return isStuck ? { ...asked, body: { ...body, kind: 'Blob' } } : asked;
}

/** Reads a stream of either kind to its end. */
export async function readAll(stream: unknown): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

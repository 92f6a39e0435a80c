const replayableTags = new Set([
  '[object URLSearchParams]',
  '[object FormData]',
  '[object Blob]',
  '[object File]',
  '[object ArrayBuffer]',
  '[object SharedArrayBuffer]',
]);

/**
 * Returns whether a body can be sent a second time: text, numbers, forms, blobs and bytes can. A stream is used up,
 * and a generator would send nothing without an error.
 */
export function isReplayable(body: unknown): boolean {
  if (Object(body) !== body) return true;
  // npm's form-data has the tag of a FormData, and is a stream.
  if (typeof (body as { pipe?: unknown }).pipe === 'function') return false;
  // By tag, not instanceof: a client may bring its own classes.
  return ArrayBuffer.isView(body) || replayableTags.has(Object.prototype.toString.call(body));
}

/** A form of npm's form-data, as which axios sends plain fields. */
interface NodeForm {
  getBuffer(): Uint8Array;
  getHeaders(): Record<string, string>;
}

/** Returns the bytes of such a form, before it is sent; undefined for other bodies, and where a part is a stream. */
export function bytesOfForm(
  body: unknown,
): { readonly bytes: Uint8Array; readonly type: string } | undefined {
  const { getBuffer, getHeaders } = (body ?? {}) as Partial<NodeForm>;
  if (typeof getBuffer !== 'function' || typeof getHeaders !== 'function') return undefined;
  try {
    const form = body as NodeForm;
    return { bytes: form.getBuffer(), type: String(form.getHeaders()['content-type']) };
  } catch {
    return undefined;
  }
}

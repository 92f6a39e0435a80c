const replayableTags = new Set([
  '[object String]',
  '[object URLSearchParams]',
  '[object FormData]',
  '[object Blob]',
  '[object File]',
  '[object ArrayBuffer]',
  '[object SharedArrayBuffer]',
]);

/**
 * Returns whether a body can be sent a second time: text, forms, blobs and bytes can. A stream is used up, and a
 * generator would send nothing without an error.
 */
export function isReplayable(body: unknown): boolean {
  if (body === null || body === undefined) return true;
  // npm's form-data has the tag of a FormData, and is a stream.
  if (typeof (body as { pipe?: unknown }).pipe === 'function') return false;
  // By tag, not instanceof: a client may bring its own classes.
  return ArrayBuffer.isView(body) || replayableTags.has(Object.prototype.toString.call(body));
}

/** Returns whether a body is a stream of the web; jsdom has no such class. */
export function isWebStream(body: unknown): body is ReadableStream {
  return typeof (body as Partial<ReadableStream> | null | undefined)?.getReader === 'function';
}

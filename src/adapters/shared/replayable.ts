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
 * Tells whether a body can be sent a second time: text, forms, blobs and bytes can. A stream is used up, and
 * a generator would silently send nothing.
 */
export function isReplayable(body: unknown): boolean {
  if (body === null || body === undefined) return true;
  // By tag, not instanceof: a client may bring its own classes.
  return ArrayBuffer.isView(body) || replayableTags.has(Object.prototype.toString.call(body));
}

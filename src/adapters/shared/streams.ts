/** Returns whether a body is a stream of the web; jsdom has no such class. */
export function isWebStream(body: unknown): body is ReadableStream {
  return typeof (body as Partial<ReadableStream> | null | undefined)?.getReader === 'function';
}

/** What a reader or an iterator gives. */
export interface Chunk {
  readonly done?: boolean | undefined;
  readonly value?: unknown;
}

/** Makes a stream that reads only on demand. */
export function webStream(
  next: () => Promise<Chunk>,
  cancel: (reason: unknown) => Promise<void> | void,
): ReadableStream {
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel,
    },
    { highWaterMark: 0 },
  );
}

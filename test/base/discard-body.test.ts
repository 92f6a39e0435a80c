import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { discardBody } from '../../src/base/discard-body.js';

describe('a body that nobody reads', () => {
  it('is cancelled', async () => {
    let reason: unknown = 'none';
    const cancelled = new Promise<void>((resolve) => {
      const body = new ReadableStream({
        cancel(given) {
          reason = given;
          resolve();
        },
      });
      discardBody(new Response(body));
    });
    await cancelled;
    expect(reason).toBeUndefined();
  });

  it('is given up at once while a clone is kept, which stays readable', async () => {
    const response = new Response('a text');
    const clone = response.clone();
    discardBody(response);
    expect(await clone.text()).toBe('a text');
  });

  it('is destroyed where it is a stream of Node, and its late error is nobody else’s', async () => {
    const body = new PassThrough({
      destroy(_, done) {
        done(new Error('aborted half-way'));
      },
    });
    const closed = new Promise((resolve) => body.once('close', resolve));
    discardBody({ body });
    expect(body.destroyed).toBe(true);
    await closed;
  });

  it.each<[string, unknown]>([
    ['none', null],
    ['absent', undefined],
    ['a text', 'text'],
    ['an object', {}],
    ['one whose cancel rejects', { cancel: () => Promise.reject(new Error('no')) }],
    [
      'one whose cancel throws',
      {
        cancel() {
          throw new Error('no');
        },
      },
    ],
    [
      'one with a then that throws',
      {
        cancel: () => ({
          then() {
            throw new Error('no');
          },
        }),
      },
    ],
    ['one that never ends', { cancel: () => new Promise(() => undefined) }],
  ])('may be %s', (_, body) => {
    expect(() => {
      discardBody({ body });
    }).not.toThrow();
  });

  it('may be locked by its reader, read, or behind a getter that throws', async () => {
    const locked = new Response('a text');
    const reader = locked.body?.getReader();
    discardBody(locked);
    expect(await reader?.read()).toMatchObject({ done: false });
    const read = new Response('a text');
    await read.text();
    discardBody(read);
    const throwing = {
      get body(): unknown {
        throw new Error('no');
      },
    };
    expect(() => {
      discardBody(throwing);
    }).not.toThrow();
  });
});

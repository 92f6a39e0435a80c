import type ky from 'ky';
import { authenticateKy } from '../../../src/adapters/ky/index.js';
import { bodyOf, withRedirectableBody } from './bodies.js';
import type { Client } from './client.js';
import { read } from './fetch-client.js';
import { held } from './held.js';
import { seenOfBody, seenOfError, seenOfFetch, seenOfReading } from './seen.js';

/** A version of ky. */
export function kyClient(name: string, bare: typeof ky): Client {
  return {
    name,
    connect(manager) {
      const holding = bare.extend({ fetch: (input, init) => fetch(held(input), init) });
      const client = manager ? authenticateKy(holding, manager) : holding;
      return async (origin, given, { signal, timeoutMs }) => {
        const asked = withRedirectableBody(given);
        const { throwHttpErrors, isShortcut, hasSearchParams } = asked.ky;
        const { method, redirect, read: as } = asked;
        const body = bodyOf(asked, FormData);
        const options = {
          ...{ method, redirect, throwHttpErrors, cache: asked.fetch.cache, retry: 0 },
          headers: Object.fromEntries(asked.headers),
          timeout: timeoutMs ?? false,
          ...(body !== undefined && { [asked.body.kind === 'json' ? 'json' : 'body']: body }),
          ...(hasSearchParams && { searchParams: { p: '1 & ü' } }),
          ...(signal && { signal }),
        };
        const failed = (error: unknown): object => seenOfError(error, undefined, signal);
        try {
          const sent = client(origin + asked.target, options as object);
          if (isShortcut && as !== 'stream') return { body: seenOfBody(await sent[as]()) };
          const response = await sent;
          return {
            response: seenOfFetch(response),
            body: await seenOfReading(() => read(response, asked), failed),
          };
        } catch (error) {
          return { error: failed(error) };
        }
      };
    },
  };
}

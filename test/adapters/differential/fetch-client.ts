import { authenticateFetch } from '../../../src/adapters/fetch/index.js';
import { bodyOf, readAll, withRedirectableBody } from './bodies.js';
import type { Case } from './cases.js';
import type { Client, Stop } from './client.js';
import { held } from './held.js';
import { seenOfError, seenOfFetch, seenOfReading } from './seen.js';

/** The classes that belong to a fetch. */
interface Platform {
  readonly fetch: typeof fetch;
  readonly Request: typeof Request;
  readonly FormData: typeof FormData;
}

/** A fetch function. */
export function fetchClient(name: string, platform: Platform): Client {
  return {
    name,
    connect(manager) {
      const fetch = manager ? authenticateFetch(platform.fetch, manager) : platform.fetch;
      return async (origin, given, stop) => {
        const asked = withRedirectableBody(given);
        const failed = (error: unknown): object => seenOfError(error, undefined, stop.signal);
        try {
          const init = initOf(asked, stop, platform.FormData);
          const url = origin + asked.target;
          const { input } = asked.fetch;
          const response =
            input === 'string'
              ? await fetch(url, init)
              : input === 'URL'
                ? await fetch(new URL(url), init)
                : input === 'Request'
                  ? await fetch(held(new platform.Request(url, init)))
                  : await fetch(held(new platform.Request(url, init)), {
                      headers: { 'x-init': '1' },
                    });
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

/** Reads a response as the case wants it. */
export function read(response: Response, { read: as }: Case): Promise<unknown> {
  return as === 'stream' ? readAll(response.body ?? []) : response[as]();
}

function initOf(
  asked: Case,
  { signal, timeoutMs }: Stop,
  OwnFormData: typeof FormData,
): RequestInit {
  const { method, redirect, headers, body } = asked;
  const pairs = headers.map(([name, value]): [string, string] => [name, value]);
  const given = bodyOf(asked, OwnFormData);
  const init = {
    ...{ method, redirect, cache: asked.fetch.cache, integrity: asked.fetch.integrity },
    headers: {
      object: () => Object.fromEntries(pairs),
      pairs: () => pairs,
      Headers: () => new Headers(pairs),
    }[asked.fetch.headers](),
    ...(given !== undefined && { body: body.kind === 'json' ? JSON.stringify(given) : given }),
    ...(body.kind === 'stream' && { duplex: 'half' }),
    ...(signal && { signal }),
    ...(timeoutMs !== undefined && { signal: AbortSignal.timeout(timeoutMs) }),
  };
  return init as RequestInit;
}

import type { TokenManager } from '../../manager/token-manager.js';
import { rulesOf, type AdapterOptions } from '../shared/options.js';
import { copyOf } from './attempt.js';
import { checkAxios, resolveAdapter } from './inner-adapter.js';
import { queryWith } from './query.js';
import { createAxiosSender } from './request.js';
import { sentFor, type AxiosAdapterLike, type AxiosConfigLike, type SentMark } from './types.js';

export type { AdapterOptions, Attempt, RejectableResponse } from '../shared/options.js';

/** The part of an axios instance, of axios 1.6 to 1.x, that the adapter uses. */
export interface AxiosLike {
  /** The defaults of its requests. */
  readonly defaults: {
    /** How requests are sent. */
    adapter?: unknown;
  };
  /** What sees each request. */
  readonly interceptors: {
    /** Those before it is sent. */
    readonly request: {
      /** Adds an interceptor; returns its ID. */
      use(
        // eslint-disable-next-line @typescript-eslint/no-explicit-any -- every 1.x has its own config type
        onFulfilled: (config: any) => any,
        onRejected: null,
        options: { synchronous: boolean },
      ): number;
      /** Removes an interceptor. */
      eject(id: number): void;
    };
  };
}

/** Where a wrapped adapter keeps the one that it wraps, so that no copy of this package wraps it again. */
const innerAdapter = Symbol.for('tt-token-manager.inner-adapter');

type WrappedAdapter = AxiosAdapterLike & { [innerAdapter]?: unknown };

/**
 * Attaches a manager to an axios instance: every request to a trusted origin carries the token, the app key
 * and a new request ID, and is replayed once when the API refuses the token. Interceptors, transforms and
 * retry plug-ins keep working, whether attached before or after; an adapter that one of them chooses is used. One
 * that replaces `transformRequest` as well as the adapter has to be attached after the manager.
 *
 * - A body is sent again unless it is a stream, or a form with a stream in it.
 * - While a new token is fetched, a refused response that is a stream is read, up to 64 KiB and half a second, so
 *   that it holds no connection. If there is no new token, it ends after what was read.
 * - Over XMLHttpRequest, in a page, redirects cannot be guarded. An adapter around axios's own calls no
 *   `beforeRedirect`: a redirect of a request that has one fails.
 * - A cache below that goes by the URL finds nothing, as each request ID makes another one. Put caches above, as
 *   axios-cache-interceptor does.
 * @returns a function that detaches the manager again
 * @throws TypeError for a wrong option, or where the installed axios is older than 1.6
 */
export function authenticateAxios(
  instance: AxiosLike,
  manager: TokenManager,
  options?: AdapterOptions,
): () => void {
  checkAxios();
  const sender = createAxiosSender(manager, rulesOf(options));

  function wrapped(chosen: unknown): WrappedAdapter {
    const given = (chosen ?? instance.defaults.adapter) as WrappedAdapter | undefined;
    const inner = given?.[innerAdapter] ?? given;
    const adapter: WrappedAdapter = (request) => {
      const send = resolveAdapter(inner, request);
      const mark = request[sentFor];
      if (mark?.manager === manager) return send(within(mark, request));
      // Another manager may trust what this one does not.
      const untrusted = given === inner ? send : (given as AxiosAdapterLike);
      return sender(send, request, untrusted);
    };
    adapter[innerAdapter] = inner;
    return adapter;
  }

  /** Within an adapter that was chosen later, around this one, and may call it more than once. */
  function within(mark: SentMark, request: AxiosConfigLike): AxiosConfigLike {
    const isFirst = !mark.isUsed;
    mark.isUsed = true;
    return isFirst ? request : copyOf(request, queryWith(request, manager.createRequestId()));
  }

  /** Runs as the last transform, after all interceptors; it leaves no trace in the config. */
  function wrapChosen(this: AxiosConfigLike | undefined, data: unknown): unknown {
    if (this) {
      this.transformRequest = [this.transformRequest].flat().filter((one) => one !== wrapChosen);
      if (!(innerAdapter in Object(this.adapter))) this.adapter = wrapped(this.adapter);
    }
    return data;
  }

  // The config of this one request: axios has merged it.
  function wrap(config: AxiosConfigLike): AxiosConfigLike {
    config.adapter = wrapped(config.adapter);
    config.transformRequest = [config.transformRequest ?? [], wrapChosen].flat();
    return config;
  }

  const id = instance.interceptors.request.use(wrap, null, {
    synchronous: true,
  });
  return () => instance.interceptors.request.eject(id);
}

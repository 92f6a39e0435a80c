import type { TokenManager } from '../../manager/token-manager.js';
import { rejectionCheck, type AdapterOptions } from '../shared/options.js';
import { checkAxios, resolveAdapter } from './inner-adapter.js';
import { createAxiosSender } from './request.js';
import type { AxiosAdapterLike, AxiosConfigLike } from './types.js';

export type { AdapterOptions, RejectableResponse } from '../shared/options.js';

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
 * retry plug-ins keep working, whether attached before or after.
 * @returns a function that detaches the manager again
 * @throws TypeError when `isTokenRejected` is no function, or the installed axios is older than 1.6
 */
export function authenticateAxios(
  instance: AxiosLike,
  manager: TokenManager,
  options?: AdapterOptions,
): () => void {
  checkAxios();
  const sender = createAxiosSender(manager, rejectionCheck(options));

  function wrap(config: AxiosConfigLike): AxiosConfigLike {
    const given = (config.adapter ?? instance.defaults.adapter) as WrappedAdapter | undefined;
    const inner = given?.[innerAdapter] ?? given;
    const adapter: WrappedAdapter = (request) => {
      const send = resolveAdapter(inner, request);
      // Another manager may trust what this one does not.
      return sender(send, request, given === inner ? send : (given as AxiosAdapterLike));
    };
    adapter[innerAdapter] = inner;
    // The config of this one request: axios has merged it.
    config.adapter = adapter;
    return config;
  }

  const id = instance.interceptors.request.use(wrap, null, {
    synchronous: true,
  });
  return () => instance.interceptors.request.eject(id);
}

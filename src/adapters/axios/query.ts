import axios from 'axios';
import { withRequestId } from '../../tt/request-url.js';
import type { AxiosConfigLike } from './types.js';

type Serialize = (params: unknown, options?: unknown) => string;

/**
 * The params of a request that has none: axios calls a serializer only if there are params. Shown as an empty
 * object, and absent from JSON, so that cache keys do not change. One for each request: an adapter may add to it.
 */
function noParams(): object {
  return Object.defineProperty({}, 'toJSON', { value: addedParams });
}

function addedParams(this: object): object | undefined {
  return Object.keys(this).length === 0 ? undefined : { ...this };
}

/**
 * Returns the fields that put a request ID into the query. It is added by the serializer of the params, so that an
 * adapter that answers by itself sees url and params as the caller wrote them.
 */
export function queryWith(config: AxiosConfigLike, requestId: string): Partial<AxiosConfigLike> {
  const { params, paramsSerializer } = config;
  const serialize: Serialize = (given) => {
    const isNone = !params && Object.keys(given as object).length === 0;
    const text = isNone ? '' : serialized(given, paramsSerializer);
    // As in axios, a serializer may return nothing.
    return !text ? `requestId=${requestId}` : withRequestId(`?${text}`, requestId).slice(1);
  };
  return {
    params: params || noParams(),
    paramsSerializer:
      typeof paramsSerializer === 'object' ? { ...paramsSerializer, serialize } : { serialize },
  };
}

/** Serializes params as axios does. */
function serialized(params: unknown, paramsSerializer: unknown): string {
  const own =
    typeof paramsSerializer === 'function'
      ? (paramsSerializer as Serialize)
      : (paramsSerializer as { serialize?: Serialize } | null | undefined)?.serialize;
  if (own) return own(params, paramsSerializer);
  // A new instance has none of the defaults that a program may have set.
  return new axios.Axios({}).getUri({ url: '', params, paramsSerializer } as never).slice(1);
}

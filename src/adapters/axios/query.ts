import axios from 'axios';
import { withRequestId } from '../../tt/request-url.js';
import type { AxiosConfigLike } from './types.js';

type Serialize = (params: unknown, options?: unknown) => string;

/**
 * Stands for the params of a request without any: axios calls a serializer only where there are params. Shows as
 * an empty object, and not at all in JSON, which keys of caches are made of.
 */
const noParams: object = Object.freeze(
  Object.defineProperty({}, 'toJSON', { value: () => undefined }),
);

/**
 * The fields of a config that put a request ID into the query: it joins in the serializer of the params, so that
 * an adapter which answers by itself sees url and params as the caller wrote them.
 */
export function queryWith(config: AxiosConfigLike, requestId: string): Partial<AxiosConfigLike> {
  const { params, paramsSerializer } = config;
  const serialize: Serialize = (given) => {
    const isNone = !params && Object.keys(given as object).length === 0;
    const text = isNone ? '' : serialized(given, paramsSerializer);
    return text === '' ? `requestId=${requestId}` : withRequestId(`?${text}`, requestId).slice(1);
  };
  return {
    params: params || noParams,
    paramsSerializer:
      typeof paramsSerializer === 'object' ? { ...paramsSerializer, serialize } : { serialize },
  };
}

/** Params as axios writes them. */
function serialized(params: unknown, paramsSerializer: unknown): string {
  const own =
    typeof paramsSerializer === 'function'
      ? (paramsSerializer as Serialize)
      : (paramsSerializer as { serialize?: Serialize } | null | undefined)?.serialize;
  if (own) return own(params, paramsSerializer);
  // An instance of its own has none of the defaults that a program may have set.
  return new axios.Axios({}).getUri({ url: '', params, paramsSerializer } as never).slice(1);
}

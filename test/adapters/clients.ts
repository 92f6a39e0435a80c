import axios, { isAxiosError, type AxiosInstance, type AxiosRequestConfig } from 'axios';
import axiosOldest from 'axios-oldest';
import ky, { HTTPError } from 'ky';
import kyOldest from 'ky-oldest';
import { Readable } from 'node:stream';
import { fetch as undiciFetch, FormData as UndiciFormData } from 'undici';
import { authenticateAxios } from '../../src/adapters/axios/index.js';
import type { AdapterOptions } from '../../src/adapters/shared/options.js';
import { authenticateFetch } from '../../src/adapters/fetch/index.js';
import { authenticateKy, kyHooks } from '../../src/adapters/ky/index.js';
import type { FetchResponse, TokenManager } from '../../src/index.js';
import { isFull } from '../helpers/full.js';
import { authenticateOldestAxios } from './axios/oldest-axios.js';

/** What a test asks a client to do. */
export interface Ask {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?:
    string | FormData | Blob | Uint8Array | URLSearchParams | ReadableStream | Readable;
  readonly signal?: AbortSignal;
}

/** What the client handed back, an HTTP error included. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  /** Whatever object the client gave: a response or its own error. */
  readonly handed: unknown;
}

/** One client with a manager. */
export interface ClientUnderTest {
  readonly name: string;
  /** Whether redirects are guarded. */
  readonly guardsRedirects: boolean;
  /** The client's own FormData, where it has one. */
  readonly FormData?: typeof FormData;
  /** Makes a stream as the client takes it. */
  readonly toStream: (blob: Blob) => ReadableStream | Readable;
  connect(
    manager: TokenManager,
    options?: AdapterOptions,
  ): (url: string, ask?: Ask) => Promise<Answer>;
}

const webStream = (blob: Blob): ReadableStream => blob.stream();
const nodeStream = (blob: Blob): Readable => Readable.fromWeb(blob.stream() as never);

function fetchClient(
  name: string,
  fetch: (url: string, init?: never) => Promise<FetchResponse>,
  OwnFormData = FormData,
): ClientUnderTest {
  return {
    name,
    guardsRedirects: true,
    FormData: OwnFormData,
    toStream: webStream,
    connect(manager, options) {
      const authenticated = authenticateFetch(fetch, manager, options);
      return async (url, ask = {}) => {
        const duplex = ask.body instanceof ReadableStream ? { duplex: 'half' as const } : {};
        const response = await authenticated(url, { ...ask, ...duplex } as never);
        return { status: response.status, text: await response.text(), handed: response };
      };
    },
  };
}

function axiosClient(
  name: string,
  create: (config: AxiosRequestConfig) => AxiosInstance,
  adapter: string,
  authenticate = authenticateAxios,
): ClientUnderTest {
  return {
    name,
    guardsRedirects: true,
    toStream: adapter === 'http' ? nodeStream : webStream,
    connect(manager, options) {
      const instance = create({
        adapter: adapter as 'http',
        transformResponse: (data: unknown) => data,
      });
      authenticate(instance, manager, options);
      return async (url, { body, ...ask } = {}) => {
        try {
          const response = await instance.request<string>({ url, ...ask, data: body });
          return { status: response.status, text: response.data, handed: response };
        } catch (error) {
          const response =
            isAxiosError<string>(error) || 'response' in (error as object)
              ? (error as { response?: { status: number; data: string } }).response
              : undefined;
          if (!response) throw error;
          return { status: response.status, text: response.data, handed: error };
        }
      };
    },
  };
}

function kyClient(
  name: string,
  make: (manager: TokenManager, options?: AdapterOptions) => typeof ky,
  guardsRedirects: boolean,
): ClientUnderTest {
  return {
    name,
    guardsRedirects,
    toStream: webStream,
    connect(manager, options) {
      const client = make(manager, options);
      return async (url, ask = {}) => {
        try {
          const response = await client(url, ask as object);
          return { status: response.status, text: await response.text(), handed: response };
        } catch (error) {
          if (!(error instanceof HTTPError) && (error as Error).name !== 'HTTPError') throw error;
          const { response } = error as HTTPError;
          const text = response.bodyUsed ? '' : await response.text();
          return { status: response.status, text, handed: error };
        }
      };
    },
  };
}

const oldKy = kyOldest as unknown as typeof ky;
const noRetry = { retry: 0 };

const allClients: readonly ClientUnderTest[] = [
  fetchClient('global fetch', globalThis.fetch),
  fetchClient("undici's fetch", undiciFetch, UndiciFormData),
  axiosClient('axios, http', (config) => axios.create(config), 'http'),
  axiosClient('axios, fetch', (config) => axios.create(config), 'fetch'),
  axiosClient(
    'axios 1.6.0, http',
    (config) => axiosOldest.create(config as never) as unknown as AxiosInstance,
    'http',
    authenticateOldestAxios,
  ),
  kyClient(
    'ky 2',
    (manager, options) => authenticateKy(ky.create(noRetry), manager, options),
    true,
  ),
  kyClient(
    'ky 1.5.0',
    (manager, options) => authenticateKy(oldKy.create(noRetry), manager, options),
    true,
  ),
  kyClient(
    'ky 2 with kyHooks',
    (manager, options) => ky.create({ ...noRetry, hooks: kyHooks(manager, options) }),
    false,
  ),
  kyClient(
    'ky 1.5.0 with kyHooks',
    (manager, options) => oldKy.create({ ...noRetry, hooks: kyHooks(manager, options) }),
    false,
  ),
];

/** Every client that the adapters are for; the oldest ones in `npm run test:full` alone. */
export const clients = allClients.filter(({ name }) => isFull || !/ 1\.[56]\.0/.test(name));

import type { AxiosInstance, AxiosRequestConfig } from 'axios';
import { Readable } from 'node:stream';
import type { authenticateAxios } from '../../../src/adapters/axios/index.js';
import { bodyOf, readAll, withRedirectableBody } from './bodies.js';
import type { Case } from './cases.js';
import type { Client, Stop } from './client.js';
import { comparable, seenOfAxios, seenOfError, seenOfReading, withoutRequestId } from './seen.js';

/** A version of axios, or what others make of it. */
export interface Version {
  create(config: object): AxiosInstance;
  readonly authenticate: typeof authenticateAxios;
}

/** A version of axios with one of its adapters. */
export function axiosClient(
  name: string,
  { create, authenticate }: Version,
  adapter: 'http' | 'fetch',
): Client {
  return {
    name,
    connect(manager) {
      const instance = create({ adapter });
      let sent: object | undefined;
      instance.interceptors.request.use((config) => (sent = config));
      if (manager) authenticate(instance, manager);
      return async (origin, given, stop) => {
        const asked = adapter === 'http' ? given : withRedirectableBody(given);
        const redirects: object[] = [];
        const failed = (error: unknown): object => seenOfError(error, sent, stop.signal);
        try {
          const config = {
            ...configOf(origin, asked, stop, adapter),
            beforeRedirect({ href, method, headers }: Record<string, unknown>) {
              redirects.push([
                withoutRequestId(String(href)),
                method,
                comparable(Object.entries(headers as object)),
              ]);
            },
          };
          const { isPostForm } = asked.axios;
          const response = await (isPostForm && adapter === 'http' && asked.body.kind === 'json'
            ? instance.postForm<unknown>(config.url, config.data, config)
            : instance.request<unknown>(config));
          const body = asked.read === 'stream' ? () => readAll(response.data) : () => response.data;
          return {
            response: seenOfAxios(response, sent),
            body: await seenOfReading(body, failed),
            redirects,
          };
        } catch (error) {
          return { error: failed(error), redirects };
        }
      };
    },
  };
}

const validators: Record<Case['axios']['validateStatus'], AxiosRequestConfig> = {
  default: {},
  none: { validateStatus: null },
  all: { validateStatus: () => true },
  'below 500': { validateStatus: (status) => status < 500 },
};

function configOf(
  origin: string,
  asked: Case,
  { signal, cancelToken, timeoutMs }: Stop,
  adapter: string,
): AxiosRequestConfig & { url: string } {
  const { maxContentLength, maxBodyLength, decompress, params, timeoutErrorMessage } = asked.axios;
  const { silentJSONParsing, clarifyTimeoutError, maxRedirects, hasBaseURL, stopsBy } = asked.axios;
  const toStream = adapter === 'http' ? (text: string) => Readable.from([text]) : undefined;
  const config = {
    ...(hasBaseURL ? { baseURL: origin, url: asked.target } : { url: origin + asked.target }),
    ...{ method: asked.method, maxContentLength, maxBodyLength, decompress },
    ...validators[asked.axios.validateStatus],
    headers: Object.fromEntries(asked.headers),
    data: bodyOf(asked, FormData, toStream),
    responseType: asked.read.toLowerCase(),
    transitional: { silentJSONParsing, clarifyTimeoutError, forcedJSONParsing: true },
    ...(timeoutErrorMessage !== undefined && { timeoutErrorMessage }),
    ...(maxRedirects !== undefined && { maxRedirects }),
    ...(params === 'object' && { params: { p: ['1 & 2', 'ü'], q: { r: true } } }),
    ...(params === 'URLSearchParams' && { params: new URLSearchParams('p=1&p=(2)') }),
    ...(asked.redirect !== 'follow' && { fetchOptions: { redirect: asked.redirect } }),
    ...(stopsBy === 'signal' ? signal && { signal } : cancelToken && { cancelToken }),
    ...(timeoutMs !== undefined && { timeout: timeoutMs }),
  };
  return config as AxiosRequestConfig & { url: string };
}

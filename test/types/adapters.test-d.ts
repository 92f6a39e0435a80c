import axios, { type AxiosInstance } from 'axios';
import axiosOldest from 'axios-oldest';
import ky, { type Hooks, type KyInstance } from 'ky';
import kyOldest, { type Hooks as OldestHooks } from 'ky-oldest';
import type { FetchInit, TokenManager } from 'tt-token-manager';
import { authenticateAxios, type AdapterOptions } from 'tt-token-manager/axios';
import { authenticateFetch } from 'tt-token-manager/fetch';
import { authenticateKy, kyHooks } from 'tt-token-manager/ky';
import { startFakeTT, type FakeTT, type FakeTTOptions } from 'tt-token-manager/testing';
import { fetch as undiciFetch } from 'undici';
import { describe, expectTypeOf, it } from 'vitest';

const manager = {} as TokenManager;

describe('authenticateAxios', () => {
  it('takes an instance of any 1.x, and gives the way back', () => {
    expectTypeOf(authenticateAxios).toBeCallableWith(axios, manager);
    expectTypeOf(authenticateAxios).toBeCallableWith(axios.create(), manager, {});
    expectTypeOf(authenticateAxios).toBeCallableWith(axiosOldest.create(), manager);
    expectTypeOf<AxiosInstance>().toExtend<Parameters<typeof authenticateAxios>[0]>();
    expectTypeOf(authenticateAxios).parameter(1).toEqualTypeOf<TokenManager>();
    expectTypeOf(authenticateAxios).parameter(2).toEqualTypeOf<AdapterOptions | undefined>();
    expectTypeOf(authenticateAxios).returns.toEqualTypeOf<() => void>();
  });
});

describe('authenticateFetch', () => {
  it('gives the type of the fetch that it is given', () => {
    const platform = authenticateFetch(globalThis.fetch, manager);
    expectTypeOf(platform).toEqualTypeOf<typeof globalThis.fetch>();
    expectTypeOf(authenticateFetch(undiciFetch, manager, {})).toEqualTypeOf<typeof undiciFetch>();
    const ofText = (url: string, init: RequestInit) => fetch(url, init);
    expectTypeOf(authenticateFetch(ofText, manager)).toEqualTypeOf<
      (url: string, init?: RequestInit) => Promise<Response>
    >();
    const untyped = authenticateFetch((input, init) => undiciFetch(input, init), manager);
    expectTypeOf(untyped).toEqualTypeOf<
      (input: string | URL, init?: FetchInit) => ReturnType<typeof undiciFetch>
    >();
  });
});

describe('authenticateKy and kyHooks', () => {
  it('make an instance of the same type, of ky 1 and 2', () => {
    expectTypeOf(authenticateKy(ky, manager)).toEqualTypeOf<KyInstance>();
    expectTypeOf(authenticateKy(kyOldest, manager, {})).toEqualTypeOf<typeof kyOldest>();
  });

  it('make hooks for ky 1 and 2', () => {
    expectTypeOf(kyHooks).parameters.toEqualTypeOf<
      [manager: TokenManager, options?: AdapterOptions]
    >();
    expectTypeOf(kyHooks).returns.toExtend<Hooks>();
    expectTypeOf(kyHooks).returns.toExtend<OldestHooks>();
  });
});

describe('the options of all adapters', () => {
  it('are a question, answered at once or later, and a listener', () => {
    type Question = NonNullable<AdapterOptions['isTokenRejected']>;
    expectTypeOf<keyof AdapterOptions>().toEqualTypeOf<'isTokenRejected' | 'onAttempt'>();
    expectTypeOf<Question>().returns.toEqualTypeOf<boolean | Promise<boolean>>();
    expectTypeOf<Question>().parameter(0).toEqualTypeOf<{
      readonly status: number;
      readonly headers: { get(name: string): string | null };
      readonly url: string;
      text(): Promise<string>;
    }>();
    type Listener = NonNullable<AdapterOptions['onAttempt']>;
    expectTypeOf<Listener>().parameter(0).toEqualTypeOf<{
      readonly requestId: string;
      readonly method: string;
      readonly url: string;
      readonly isReplay: boolean;
      readonly status?: number;
      readonly error?: unknown;
    }>();
  });
});

describe('the stand-in', () => {
  it('starts with options that may all be left out', () => {
    expectTypeOf(startFakeTT).toEqualTypeOf<(options?: FakeTTOptions) => Promise<FakeTT>>();
    expectTypeOf<Partial<FakeTTOptions>>().toEqualTypeOf<FakeTTOptions>();
    expectTypeOf<Pick<FakeTT, 'url' | 'apiKey' | 'apiSecret'>>().toEqualTypeOf<{
      readonly url: string;
      readonly apiKey: string;
      readonly apiSecret: string;
    }>();
  });
});

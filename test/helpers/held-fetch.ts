/** A token request that waits for the test to answer it. */
export interface HeldRequest {
  readonly url: string;
  readonly init: RequestInit;
  /** Answers with a token; `lifetimeSeconds` defaults to a day. */
  grant(accessToken: string, lifetimeSeconds?: number): void;
  /** Answers with any status, body and headers. */
  answer(status: number, body?: unknown, headers?: Record<string, string>): void;
  /** Fails as an unreachable host does. */
  fail(error?: Error): void;
}

/** A fetch for `TokenManagerOptions.fetch` whose replies the test releases by hand. */
export function heldFetch(): { fetch: typeof fetch; requests: readonly HeldRequest[] } {
  const requests: HeldRequest[] = [];
  const fetch = (url: string | URL | Request, init: RequestInit = {}): Promise<Response> =>
    new Promise((resolve, reject) => {
      const answer: HeldRequest['answer'] = (status, body = '', headers = {}) => {
        const text = typeof body === 'string' ? body : JSON.stringify(body);
        resolve(new Response(text === '' ? null : text, { status, headers }));
      };
      init.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error));
      requests.push({
        url: url as string,
        init,
        answer,
        grant: (accessToken, lifetimeSeconds = 86_400) =>
          answer(200, {
            status: 'Ok',
            access_token: accessToken,
            token_type: 'bearer',
            seconds_until_expiry: lifetimeSeconds,
          }),
        fail: (error = new TypeError('fetch failed')) => reject(error),
      });
    });
  return { fetch, requests };
}

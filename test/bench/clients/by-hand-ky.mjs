// The duties of the package's ky adapter, as a user would write them in one file.
import { startSession, withNewRequestId } from './by-hand.mjs';

/** For ky's option `fetch`: it gets a Request for each attempt. */
export function kyFetchByHand(fetch, settings) {
  const { current, after, headersFor, isTrusted } = startSession(settings);

  function send(request, token) {
    const { method, body, signal } = request;
    const headers = { ...Object.fromEntries(request.headers), ...headersFor(token) };
    const init = { method, headers, body, signal, redirect: 'manual', duplex: 'half' };
    return fetch(new Request(withNewRequestId(request.url), init));
  }

  async function sendOrReplay(request) {
    const token = await current();
    const again = request.body ? request.clone() : request;
    const response = await send(request, token);
    if (response.status !== 401) return response;
    await response.body?.cancel();
    return send(again, await after(token));
  }

  return async (given) => {
    let request = given;
    for (let redirects = 0; redirects <= 20; redirects++) {
      if (!isTrusted(request.url)) return fetch(request);
      const response = await sendOrReplay(request);
      const location = response.status >= 300 && response.headers.get('location');
      if (!location || request.method !== 'GET') return response;
      request = new Request(new URL(location, request.url), request);
    }
    throw new TypeError('too many redirects');
  };
}

// The duties of the package's fetch adapter, as a user would write them in one file.
import { startSession, withNewRequestId } from './by-hand.mjs';

export function fetchByHand(fetch, settings) {
  const { current, after, headersFor, isTrusted } = startSession(settings);

  function send(url, init, token) {
    const headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(headersFor(token))) headers.set(name, value);
    return fetch(withNewRequestId(url), { ...init, headers, redirect: 'manual' });
  }

  async function sendOrReplay(url, init) {
    const token = await current();
    const response = await send(url, init, token);
    if (response.status !== 401) return response;
    await response.body?.cancel();
    return send(url, init, await after(token));
  }

  return async (given, init = {}) => {
    let url = String(given);
    for (let redirects = 0; redirects <= 20; redirects++) {
      if (!isTrusted(url)) return fetch(url, init);
      const response = await sendOrReplay(url, init);
      const location = response.status >= 300 && response.headers.get('location');
      if (!location) return response;
      url = new URL(location, url).href;
      if (init.body !== undefined || (init.method ?? 'GET') !== 'GET') return response;
    }
    throw new TypeError('too many redirects');
  };
}

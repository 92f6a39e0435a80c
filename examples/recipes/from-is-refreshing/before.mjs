// Before: a token by hand, with a flag and a queue of those who wait. Each process asks for a token of its own.
import axios from 'axios';
import { randomUUID } from 'node:crypto';

const { TT_API_KEY, TT_API_SECRET, TT_BASE_URL = 'https://ttrestapi.trade.tt' } = process.env;
const newId = () => `My_App-Acme_Co--${randomUUID()}`;

export async function fetchToken() {
  const form = new URLSearchParams({
    grant_type: 'user_app',
    app_key: `${TT_API_KEY}:${TT_API_SECRET}`,
  });
  const url = `${TT_BASE_URL}/ttid/ext_uat_cert/token?requestId=${newId()}`;
  return (await axios.post(url, form, { headers: { 'x-api-key': TT_API_KEY } })).data.access_token;
}

/** An instance whose token comes from a function, which is asked again after a 401, with the token that was sent. */
export function createClient(getToken = fetchToken) {
  const client = axios.create({ baseURL: `${TT_BASE_URL}/ttpds/ext_uat_cert` });
  let token;
  let isRefreshing = false;
  let waiting = [];

  client.interceptors.request.use(async (config) => {
    token ??= await getToken();
    config.headers.set({ 'x-api-key': TT_API_KEY, authorization: `Bearer ${token}` });
    config.params = { ...config.params, requestId: newId() };
    return config;
  });
  client.interceptors.response.use(undefined, async (error) => {
    const { config, response } = error;
    if (response?.status !== 401 || config.isRetry) throw error;
    config.isRetry = true;
    if (isRefreshing) await new Promise((resolve) => waiting.push(resolve));
    else {
      isRefreshing = true;
      // Where this fails, those in `waiting` wait for ever.
      token = await getToken(config.headers.get('authorization').slice('Bearer '.length));
      isRefreshing = false;
      for (const resolve of waiting) resolve();
      waiting = [];
    }
    return client(config);
  });
  return client;
}

// The duties of the package's axios adapter, as a user would write them in one file.
import axios from 'axios';
import { startSession, withNewRequestId } from './by-hand.mjs';

export function authenticateByHand(instance, settings) {
  const { current, after, headersFor, isTrusted } = startSession(settings);

  instance.interceptors.request.use(async (config) => {
    const isAbsolute = /^([a-z][a-z\d+\-.]*:)?\/\//i.test(config.url);
    if (!isTrusted(isAbsolute ? config.url : config.baseURL)) return config;
    config.token = await current();
    config.bareUrl ??= config.url;
    config.url = withNewRequestId(config.bareUrl);
    config.headers.set(headersFor(config.token));
    config.beforeRedirect = (options) => {
      if (isTrusted(options.href)) {
        Object.assign(options.headers, headersFor(config.token));
        options.path = withNewRequestId(options.path);
      } else {
        delete options.headers.authorization;
        delete options.headers['x-api-key'];
      }
    };
    return config;
  });

  instance.interceptors.response.use(undefined, async (error) => {
    const { config, response } = error;
    if (!axios.isAxiosError(error) || response?.status !== 401) throw error;
    if (!config.token || config.isReplay) throw error;
    await after(config.token);
    return instance.request({ ...config, url: config.bareUrl, isReplay: true });
  });
}

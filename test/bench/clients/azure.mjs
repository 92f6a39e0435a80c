import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
} from '@azure/core-rest-pipeline';
import { requestToken } from './shared.mjs';

/** The policy takes https only: the requests become http below it. */
function httpClientFor({ api }) {
  if (api === 'memory') {
    return {
      sendRequest: async (request) => ({
        request,
        status: 200,
        headers: createHttpHeaders(),
        bodyAsText: 'ok',
      }),
    };
  }
  const client = createDefaultHttpClient();
  return {
    sendRequest(request) {
      request.url = request.url.replace(/^https:/, 'http:');
      request.allowInsecureConnection = true;
      return client.sendRequest(request);
    },
  };
}

function requestWith(settings, pipeline) {
  const client = httpClientFor(settings);
  const origin = settings.origin.replace(/^http:/, 'https:');
  return async (path) => {
    const request = createPipelineRequest({ url: origin + path });
    return (await pipeline.sendRequest(client, request)).status;
  };
}

function bare(settings) {
  return { request: requestWith(settings, createPipelineFromOptions({})) };
}

function withPolicy(settings) {
  const pipeline = createPipelineFromOptions({});
  const credential = {
    async getToken() {
      const { accessToken, expiresAt } = await requestToken(settings);
      return { token: accessToken, expiresOnTimestamp: expiresAt };
    },
  };
  pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: 'bench/.default' }));
  return { request: requestWith(settings, pipeline) };
}

export const clients = {
  'bare @azure/core-rest-pipeline': bare,
  '@azure/core-rest-pipeline, bearer policy': withPolicy,
};

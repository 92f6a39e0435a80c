import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the token endpoint does with the next request. */
export type TokenAnswer = 'token' | 'status 500' | 'status 503' | 'reset';

/** A token endpoint and an API on loopback, which keep counts and one token, so that nothing grows in them. */
export interface SoakService {
  readonly url: string;
  tokenRequests(): number;
  /** For the next token request; later ones get a token. */
  answerNext(answer: TokenAnswer): void;
  /** The API answers 401 to the present token. */
  refuseToken(): void;
  close(): Promise<void>;
}

const tokenLength = 1_200;
const lifetimeSeconds = 86_400;

/** Starts the service at a free port. */
export async function startService(): Promise<SoakService> {
  let tokenRequests = 0;
  let next: TokenAnswer = 'token';
  let accepted = '';

  function answer(response: ServerResponse, status: number, body: object): void {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  }

  function answerToken(response: ServerResponse): void {
    tokenRequests++;
    const chosen = next;
    next = 'token';
    if (chosen === 'reset') response.destroy();
    else if (chosen !== 'token') answer(response, Number(chosen.slice(-3)), { message: chosen });
    else {
      accepted = `token-${tokenRequests}-`.padEnd(tokenLength, 'x');
      answer(response, 200, {
        status: 'Ok',
        access_token: accepted,
        token_type: 'Bearer',
        seconds_until_expiry: lifetimeSeconds,
      });
    }
  }

  function receive({ url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const isToken = new URL(url, 'http://service').pathname.endsWith('/token');
    if (isToken) answerToken(response);
    else answer(response, headers.authorization === `Bearer ${accepted}` ? 200 : 401, {});
  }

  const server = createServer((request, response) => {
    request.resume();
    request.once('end', () => receive(request, response));
  });
  server.keepAliveTimeout = 600_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tokenRequests: () => tokenRequests,
    answerNext: (chosen) => void (next = chosen),
    refuseToken: () => void (accepted = ''),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

import type { ServerResponse } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { authenticateFetch } from '../../../src/adapters/fetch/index.js';
import { collectGarbage } from '../../helpers/collect-garbage.js';
import { setUp, startServer } from '../setup.js';

const refuse = (response: ServerResponse): void => {
  // Its body never ends.
  response.writeHead(401, { 'content-length': '100' }).write('some');
};
const redirect = (response: ServerResponse): void => {
  response.writeHead(302, { location: '/next', 'content-length': '100' }).write('some');
};

interface Phase {
  /** What the server answers, request by request; to those after it, it does not answer. */
  readonly answers?: readonly ((response: ServerResponse) => void)[];
  /** Which token request is the first that gets no answer. */
  readonly heldToken?: number;
  readonly hasCheck?: boolean;
}

const phases: readonly (readonly [string, Phase])[] = [
  ['the wait for a token', { heldToken: 1 }],
  ['the first attempt', {}],
  ['the wait for another token', { answers: [refuse], heldToken: 2 }],
  ['the replay', { answers: [refuse] }],
  ['a redirect', { answers: [redirect] }],
  ['a redirect of the replay', { answers: [refuse, redirect] }],
  ["the caller's check", { answers: [refuse], hasCheck: true }],
];
type ToCall = (url: string, signal: AbortSignal) => [string | Request, RequestInit?];
const inputs: readonly (readonly [string, ToCall])[] = [
  ['a URL', (url, signal) => [url, { signal }]],
  ['a Request', (url, signal) => [new Request(url, { signal })]],
  ['a Request and init', (url, signal) => [new Request(url), { signal }]],
];
const cases = phases.flatMap(([phase, scene]) =>
  inputs.map(([input, toCall]) => [phase, input, scene, toCall] as const),
);

it.each(cases)("in %s the caller's abort of %s ends it at once", async (_, __, phase, toCall) => {
  const { answers = [], heldToken, hasCheck } = phase;
  let arrive = (): void => undefined;
  const unanswered = new Promise<void>((resolve) => (arrive = resolve));
  const waiting = [...answers];
  const { url } = await startServer((_request, response) => {
    const answer = waiting.shift();
    if (answer) answer(response);
    else arrive();
  });
  const { tt, manager } = await setUp(url);
  if (heldToken !== 1) await manager.getToken();
  if (heldToken !== undefined) {
    onTestFinished(tt.holdTokenRequests());
    void tt.waitForTokenRequests(heldToken).then(() => arrive());
  }
  const isTokenRejected = (): Promise<boolean> => {
    arrive();
    return new Promise(() => undefined);
  };
  const fetch = authenticateFetch(globalThis.fetch, manager, hasCheck ? { isTokenRejected } : {});
  const controller = new AbortController();
  const reason = new Error('enough');
  const call = toCall(url, controller.signal);
  const outcome = expect(fetch(...call)).rejects.toBe(reason);
  await unanswered;
  await collectGarbage();
  controller.abort(reason);
  await outcome;
  // Held to here: bare fetch loses the signal with the caller's Request too.
  expect(call).toBeDefined();
});

import { describe, expect, it } from 'vitest';
import type { TokenManager } from '../../src/index.js';
import { clients, type ClientUnderTest } from '../adapters/clients.js';
import { isFull } from '../helpers/full.js';
import { inspectWithGetters } from '../helpers/expect-no-secrets.js';
import {
  encryptionFailures,
  refreshFailures,
  storeFailures,
  type RefreshFailure,
} from './failures.js';
import {
  apiKey,
  apiSecret,
  encryptionInTurn,
  encryptionKey,
  encryptions,
  filesOf,
  setSecretScene,
  strangeToken,
  type Encryption,
  type SecretScene,
} from './secret-scene.js';

/*
 * Every call of a manager and of the clients on it, in every failure of a refresh: first without a token,
 * then with one that the API has refused; on a plain token file and on an encrypted one. Nothing that comes of
 * it shows a secret.
 */

/** What a call threw; what it gave may be a token. */
type Call = (manager: TokenManager, scene: SecretScene) => unknown;

const calls: readonly (readonly [string, Call])[] = [
  ['getToken', (manager) => manager.getToken()],
  ['getToken, forced', (manager) => manager.getToken({ forceRefresh: true })],
  [
    'getToken, with a signal',
    (manager) => manager.getToken({ signal: new AbortController().signal }),
  ],
  ['authorize', (manager, { api }) => manager.authorize(api.url)],
];

/** What these give is shown as well as what they throw. */
const showable: readonly (readonly [string, Call])[] = [
  ['status', (manager) => manager.status()],
  ['isTrusted', (manager) => manager.isTrusted(`http://${strangeToken}@example.com`)],
  ['invalidate', (manager) => manager.invalidate(strangeToken)],
  ['invalidate, of no text', (manager) => manager.invalidate({ strangeToken } as never)],
  ['createRequestId', (manager) => manager.createRequestId()],
  ['on, of no event', (manager) => manager.on(strangeToken as never, () => undefined)],
  ['on, of no function', (manager) => manager.on('refreshed', strangeToken as never)],
];

const requests = clients.flatMap((client) =>
  [undefined, '{"qty":1}'].map((body): readonly [string, Call] => [
    `${client.name}, ${body === undefined ? 'GET' : 'POST'}`,
    (manager, { api }) => send(client, manager, `${api.url}/orders?a=1`, body),
  ]),
);

/** The next of the requests, as many as a failure is tried with: each comes with a fourth of the failures. */
function requestsInTurn(): readonly (readonly [string, Call])[] {
  if (isFull) return requests;
  const next = requests.splice(0, 5);
  requests.push(...next);
  return next;
}

async function send(
  { connect, guardsRedirects }: ClientUnderTest,
  manager: TokenManager,
  url: string,
  body: string | undefined,
): Promise<unknown> {
  const ask = body === undefined ? {} : { method: 'POST', body };
  const { handed } = await connect(manager)(url, ask);
  // As documented, the errors of ky with kyHooks show the token in util.inspect.
  return guardsRedirects || !(handed instanceof Error)
    ? handed
    : [handed.message, handed.stack, JSON.stringify(handed)];
}

interface Outcome {
  readonly name: string;
  readonly given?: unknown;
  readonly thrown?: unknown;
}

async function outcomeOf(name: string, call: () => unknown): Promise<Outcome> {
  try {
    return { name, given: await call() };
  } catch (thrown) {
    return { name, thrown };
  }
}

/** Makes all calls at once; what of the outcomes may not show anything. */
async function callAll(
  manager: TokenManager,
  scene: SecretScene,
): Promise<{ core: readonly Outcome[]; shown: readonly unknown[] }> {
  const make = ([name, call]: readonly [string, Call]): Promise<Outcome> =>
    outcomeOf(name, () => call(manager, scene));
  const [core, others] = await Promise.all([
    Promise.all(calls.map(make)),
    Promise.all([...showable, ...requestsInTurn()].map(make)),
  ]);
  const thrown = core.map((outcome) => outcome.thrown);
  const handed = others.map(({ given, thrown: error }) => given ?? error);
  return { core, shown: [...thrown, ...thrown.map(inspectWithGetters), ...handed] };
}

function codes(outcomes: readonly Outcome[]): unknown[] {
  return outcomes.map(({ thrown }) => (thrown as { code?: unknown } | undefined)?.code);
}

type Case = readonly [name: string, failure: RefreshFailure, encryption: Encryption | undefined];

function encrypted(failures: readonly RefreshFailure[]): readonly Case[] {
  return failures.map((failure, index) => [
    `${failure.name}, encrypted`,
    failure,
    encryptionInTurn(index),
  ]);
}

function onBothFiles(failures: readonly RefreshFailure[]): readonly Case[] {
  const plain = failures.map((failure): Case => [failure.name, failure, undefined]);
  return [...plain, ...encrypted(failures)];
}

async function set(
  failure: RefreshFailure,
  encryption: Encryption | undefined,
): Promise<{ scene: SecretScene; manager: TokenManager; begin: () => Promise<void> }> {
  const scene = await setSecretScene(encryption);
  let isOn = false;
  const manager = scene.create(failure.options?.(scene, () => isOn));
  return {
    scene,
    manager,
    async begin() {
      await failure.start?.(scene);
      isOn = true;
    },
  };
}

describe.each(onBothFiles(refreshFailures))('%s', (_, failure, encryption) => {
  it('without a token', async () => {
    const { scene, manager, begin } = await set(failure, encryption);
    await begin();
    const { core, shown } = await callAll(manager, scene);
    expect(new Set(codes(core))).toEqual(new Set([failure.code]));
    expect(new Set(scene.events())).toEqual(new Set(['refreshFailed']));
    await scene.expectNothingShown(...shown);
  });

  it('with a token that the API refuses', async () => {
    const { scene, manager, begin } = await set(failure, encryption);
    const { accessToken } = await manager.getToken();
    await begin();
    scene.api.refuse(accessToken);
    const { core, shown } = await callAll(manager, scene);
    expect(codes(core)).toContain(failure.code);
    expect(new Set(scene.events())).toEqual(new Set(['refreshed', 'rejected', 'refreshFailed']));
    await scene.expectNothingShown(...shown);
  });
});

describe.each([...onBothFiles(storeFailures), ...encrypted(encryptionFailures)])(
  '%s',
  (_, failure, encryption) => {
    it.each(['without a token', 'with a token that the API refuses'])('%s', async (when) => {
      const { scene, manager, begin } = await set(failure, encryption);
      if (when === 'without a token') await begin();
      const { accessToken } = await manager.getToken();
      if (when !== 'without a token') await begin();
      scene.api.refuse(accessToken);
      const { core, shown } = await callAll(manager, scene);
      expect(codes(core)).toEqual(calls.map(() => undefined));
      expect(scene.events()).toContain('storeFailed');
      await scene.expectNothingShown(...shown);
    });
  },
);

it('the credentials that are looked for are those that are sent', async () => {
  const scene = await setSecretScene();
  await scene.create().getToken();
  const [request] = scene.tt.tokenRequests;
  expect(request?.headers['x-api-key']).toBe(apiKey);
  expect(new URLSearchParams(request?.body).get('app_key')).toBe(`${apiKey}:${apiSecret}`);
  expect(Object.values(scene.secrets())).toContain(request?.accessToken);
  await expect(scene.expectNothingShown(request)).rejects.toThrow('a piece of the apiKey');
});

it.each(encryptions)(
  'with %s the token is in no file, and the key that is looked for opens it',
  async (_, encryption) => {
    const scene = await setSecretScene(encryption);
    const { accessToken } = await scene.create().getToken();
    const files = await filesOf(scene.folder);
    expect(files).toEqual({ 'token.json': expect.stringMatching(/^tt-sealed-1:/) as string });
    await scene.expectNothingShown(files);
    expect((await scene.create({ encryptionKey, store: undefined }).getToken()).accessToken).toBe(
      accessToken,
    );
    expect(scene.tt.tokenRequests).toHaveLength(1);
    for (const shown of [
      encryptionKey,
      encryptionKey.toString('hex'),
      encryptionKey.toString('base64'),
    ])
      await expect(scene.expectNothingShown({ shown })).rejects.toThrow(
        'a piece of the encryptionKey',
      );
  },
);

describe('a manager that is closed', () => {
  it('while it waits for its token', async () => {
    const scene = await setSecretScene();
    const manager = scene.create();
    const release = scene.tt.holdTokenRequests();
    const calling = callAll(manager, scene);
    await scene.tt.waitForTokenRequests(1);
    await manager.close();
    release();
    const { core, shown } = await calling;
    expect(new Set(codes(core))).toEqual(new Set(['MANAGER_CLOSED']));
    await scene.expectNothingShown(...shown);
  });

  it('with a token', async () => {
    const scene = await setSecretScene();
    const manager = scene.create();
    await manager.getToken();
    await manager[Symbol.asyncDispose]();
    const { core, shown } = await callAll(manager, scene);
    expect(new Set(codes(core))).toEqual(new Set(['MANAGER_CLOSED']));
    await scene.expectNothingShown(...shown);
  });
});

import axios from 'axios';
import { Agent } from 'node:http';
import { inspect } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { authenticateAxios } from '../../src/adapters/axios/index.js';
import { setSecretScene } from './secret-scene.js';

/* What SECURITY.md says that cannot be kept secret. */

const unknownSecret = 'S3cret-of-15-ch';

async function refusalOf(secret: string): Promise<Error> {
  const scene = await setSecretScene();
  const manager = scene.create({
    apiSecret: () => Promise.reject(new Error(`vault: wrong value ${secret}`)),
  });
  return manager.getToken().then(
    () => new Error('a token came'),
    (error: unknown) => error as Error,
  );
}

it('a secret that a vault quotes but has never given is not told from a word', async () => {
  expect((await refusalOf(unknownSecret)).message).toContain(unknownSecret);
});

it('nor is a key that its function quotes but has never given', async () => {
  const scene = await setSecretScene();
  const said: string[] = [];
  const manager = scene.create({
    encryptionKey: () => Promise.reject(new Error(`kms: wrong key ${unknownSecret}`)),
  });
  manager.on('storeFailed', ({ message }) => said.push(message));
  await manager.getToken();
  expect(said[0]).toContain(unknownSecret);
});

it.each(['http', 'fetch'] as const)(
  'what axios hands back over %s shows the token where inspection asks for hidden properties',
  async (adapter) => {
    const { tt, create } = await setSecretScene();
    const manager = create();
    const instance = axios.create({ adapter });
    authenticateAxios(instance, manager);
    const url = `${tt.url}/ttpds/ext_uat_cert/markets`;
    const response = await instance.get(url);
    tt.failNextRequests({ status: 500, count: 1 });
    const error: unknown = await instance.get(url).catch((reason: unknown) => reason);
    const { accessToken } = await manager.getToken();
    for (const handed of [response, error]) {
      expect(inspect(handed, { depth: 8, getters: true })).not.toContain(accessToken);
      expect(inspect(handed, { depth: 8, showHidden: true })).toContain(accessToken);
    }
  },
);

it("a caller's own keep-alive agent shows the headers of its sockets", async () => {
  const { tt, create } = await setSecretScene();
  const manager = create();
  const httpAgent = new Agent({ keepAlive: true });
  onTestFinished(() => httpAgent.destroy());
  const instance = axios.create({ adapter: 'http', httpAgent });
  authenticateAxios(instance, manager);
  await instance.get(`${tt.url}/ttpds/ext_uat_cert/markets`);
  const { accessToken } = await manager.getToken();
  expect(inspect(httpAgent, { depth: 10 })).toContain(accessToken);
});

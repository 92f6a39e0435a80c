import { describe, expect, it } from 'vitest';
import { createTokenManager, fileStore } from '../../src/index.js';
import { authenticateAxios } from '../../src/adapters/axios/index.js';
import { authenticateFetch } from '../../src/adapters/fetch/index.js';
import { authenticateKy, kyHooks } from '../../src/adapters/ky/index.js';
import { keyringStore, optionsFromKeyring } from '../../src/options/keyring.js';
import { redisStore } from '../../src/stores/redis/index.js';
import { startFakeTT } from '../../src/testing/index.js';
import axios from 'axios';
import ky from 'ky';

const options = { apiKey: 'key', apiSecret: 'secret', appName: 'App', companyName: 'Company' };
/** Takes an object that the compiler would not. */
const odd = (more: object): never => more as never;

describe('an option of an unknown name', () => {
  it.each([
    ['enviroment', 'environment'],
    ['baseURL', 'baseUrl'],
    ['tokenfile', 'tokenFile'],
    ['timeoutMS', 'timeoutMs'],
  ])('is a TypeError that names %s and suggests %s', (name, nearest) => {
    const create = () => createTokenManager(odd({ ...options, [name]: undefined }));
    expect(create).toThrow(TypeError);
    expect(create).toThrow(`unknown option ${name}: did you mean ${nearest}?`);
  });

  it('is a TypeError that lists the known ones where none is near', () => {
    expect(() => fileStore(odd({ path: 'a', colour: 1 }))).toThrow(
      'unknown option colour: known are path',
    );
  });

  it.each(['6f9619ff-8b86-d011-b42d-00c04fc964ff', 'k'.repeat(41), 'two words'])(
    'is not shown where it may be a misplaced secret: %s',
    (name) => {
      const create = () => createTokenManager(odd({ ...options, [name]: 1 }));
      expect(create).toThrow(TypeError);
      expect(create).not.toThrow(name);
    },
  );

  it('is one to every function that takes options', async () => {
    const manager = createTokenManager(options);
    const wrong = odd({ isTokenRejectd: () => true });
    expect(() => authenticateAxios(axios.create(), manager, wrong)).toThrow('isTokenRejectd');
    expect(() => authenticateFetch(fetch, manager, wrong)).toThrow('isTokenRejectd');
    expect(() => authenticateKy(ky, manager, wrong)).toThrow('isTokenRejectd');
    expect(() => kyHooks(manager, wrong)).toThrow('isTokenRejectd');
    expect(() => redisStore(odd({ keyprefix: 'a' }))).toThrow('keyprefix');
    expect(() => keyringStore(odd({ servce: 'a' }))).toThrow('servce');
    await expect(optionsFromKeyring(odd({ servce: 'a' }))).rejects.toThrow('servce');
    await expect(startFakeTT(odd({ latency: 1 }))).rejects.toThrow('latency');
    await manager.close();
  });

  it('may be inherited, or a symbol', async () => {
    const given = Object.assign(Object.create({ ...options, note: 'ours' }) as object, {
      [Symbol('note')]: 'ours',
    });
    await createTokenManager(odd(given)).close();
  });
});

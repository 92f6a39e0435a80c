import { execFile, fork } from 'node:child_process';
import { on, once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fileStore } from '../../src/index.js';
import { resolveOptions, storeIdentity } from '../../src/options/options.js';
import { recordFormat } from '../../src/records/format.js';
import { keySource } from '../../src/records/key.js';
import { expectNoSecrets, type Secrets } from '../helpers/expect-no-secrets.js';
import {
  apiKey,
  apiSecret,
  encryptionKey as markedKey,
  filesOf,
  keySecrets,
  setSecretScene,
} from './secret-scene.js';

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

const key = markedKey.toString('hex');
interface Child {
  readonly encryptionKey?: string;
  /** Whether the child gives its key by a function. */
  readonly isFunction?: boolean;
}

const children: readonly (readonly [string, Child])[] = [
  ['in its file only', {}],
  ['nowhere in clear with an encrypted file', { encryptionKey: key }],
  ['nowhere in clear with a key from a function', { encryptionKey: key, isFunction: true }],
];

describe.runIf(process.platform === 'linux').each(children)(
  'a token is %s',
  (_, { encryptionKey, isFunction }) => {
    const isPlain = encryptionKey === undefined;

    it('and nothing is in the files beside it or in what processes inherit', async () => {
      const { tt, folder, tokenFile, echo, secrets } = await setSecretScene();
      const child = fork(pathOf('keeps-secrets.mjs'), {
        env: { PATH: process.env.PATH },
        execArgv: [],
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      });
      const gone = once(child, 'close');
      onTestFinished(async () => {
        child.kill('SIGKILL');
        await gone;
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
      const messages = on(child, 'message');
      const next = async (): Promise<unknown> => ((await messages.next()).value as unknown[])[0];
      const tell = (name: string, given: object = {}): unknown =>
        child.send({ name, details: given });
      const inTokenFile = (): Secrets =>
        isPlain ? { apiKey, apiSecret, ...keySecrets } : secrets();

      expect(await next()).toBe('ready');
      const release = tt.holdTokenRequests();
      const options = {
        apiKey,
        apiSecret,
        appName: 'Secret',
        companyName: 'Tests',
        baseUrl: tt.url,
      };
      tell('start', {
        options: { ...options, tokenFile, encryptionKey },
        isFunction,
        url: `${tt.url}/ttpds/ext_uat_cert/markets`,
      });
      await tt.waitForTokenRequests(1);
      const whileAsking = await filesOf(folder);
      const lockEntry = expect.stringMatching(/^token\.json\.lock\/[\w.-]+$/) as string;
      expect(Object.entries(whileAsking)).toEqual([[lockEntry, '']]);
      expectNoSecrets(secrets(), whileAsking);

      release();
      expect(await next()).toBe('renaming');
      const files = await filesOf(folder);
      expectNoSecrets(secrets(), Object.keys(files));
      const others = Object.keys(files).filter((name) => !(name in whileAsking));
      const [temporary = ''] = others;
      expect(others).toHaveLength(1);
      expect((await stat(join(folder, temporary))).mode & 0o777).toBe(0o600);
      const { accessToken } = tt.tokenRequests[0] ?? {};
      expect(files[temporary]?.includes(accessToken ?? '')).toBe(isPlain);
      expectNoSecrets(inTokenFile(), files[temporary]);

      tt.failNextTokenRequests({ status: 500, body: { message: echo() }, count: Infinity });
      tell('rename');
      expect(await next()).toBe('served');
      const inherited = await next();
      expect(inherited).toHaveProperty('grandchild', expect.stringContaining('PATH=') as string);
      expectNoSecrets(secrets(), inherited);

      tell('end');
      expect(await gone).toEqual([0, null]);
      expect(output).toBe('');
      const left = await filesOf(folder);
      expect(Object.keys(left)).toEqual(['token.json']);
      expectNoSecrets(inTokenFile(), left);
      const identity = storeIdentity(resolveOptions(options));
      const text = await fileStore({ path: tokenFile }).open(identity).read();
      const format = recordFormat(
        identity,
        encryptionKey === undefined ? undefined : keySource(encryptionKey),
      );
      const record = await format.parse(text ?? '');
      expect(record).toMatchObject({ failure: { code: 'TOKEN_REQUEST_FAILED' } });
    });
  },
);

it('the tests of an application print nothing when they fail', async () => {
  const vitest = pathOf('../../node_modules/vitest/vitest.mjs');
  const config = pathOf('failing-app/vitest.config.ts');
  const failed = (await promisify(execFile)(process.execPath, [vitest, 'run', '--config', config], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
  }).catch((error: unknown) => error)) as { code: number; stdout: string; stderr: string };
  expect(failed.code).toBe(1);
  const output = failed.stdout + failed.stderr;
  for (const name of ['TokenError', 'AxiosError', 'HTTPError', 'TypeError', 'AssertionError'])
    expect(output).toContain(name);
  expect(output).toContain('9 failed');
  expectNoSecrets({ apiKey, apiSecret, ...keySecrets, accessToken: 'fake-token-' }, output);
});

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as last } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { describeWithRedis } from '../helpers/describe-with-redis.js';
import { setUp } from '../helpers/examples.js';
import { startRedis } from '../helpers/redis-server.js';

const script = fileURLToPath(new URL('function.mjs', import.meta.url));

async function startInstance(env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const instance = fork(script, { env: { PATH: process.env.PATH, ...env }, execArgv: [] });
  onTestFinished(async () => {
    const gone = once(instance, 'exit');
    instance.kill('SIGKILL');
    await gone;
  });
  await once(instance, 'message');
  return instance;
}

async function call(instance: ChildProcess): Promise<unknown> {
  const answered = once(instance, 'message');
  instance.send({});
  const [answer] = (await answered) as unknown[];
  return answer;
}

async function freeze(instance: ChildProcess): Promise<void> {
  instance.kill('SIGSTOP');
  await expect.poll(() => readFile(`/proc/${instance.pid}/stat`, 'utf8')).toContain(') T ');
}

const served = { statusCode: 200, body: expect.stringContaining('"Ok"') as string };

describeWithRedis('examples/deploy/lambda', () => {
  it.skipIf(process.platform !== 'linux')(
    'makes one token request for two instances, and one more for both after a freeze past its end',
    async () => {
      const redis = await startRedis();
      onTestFinished(() => redis.stop());
      const { tt, variables } = await setUp({ tokenLifetimeSeconds: 4 });
      const env = { ...variables, REDIS_URL: `redis://127.0.0.1:${redis.port}` };
      const [first, second] = [await startInstance(env), await startInstance(env)];
      expect(await Promise.all([call(first), call(second)])).toEqual([served, served]);
      expect(tt.tokenRequests).toHaveLength(1);

      await Promise.all([freeze(first), freeze(second)]);
      tt.configure({ tokenLifetimeSeconds: 86_400 });
      await last(4_000); // the token's lifetime, in which nobody may ask
      expect(tt.tokenRequests).toHaveLength(1);
      first.kill('SIGCONT');
      second.kill('SIGCONT');
      expect(await Promise.all([call(first), call(second)])).toEqual([served, served]);
      expect(tt.tokenRequests).toHaveLength(2);

      await freeze(first);
      first.kill('SIGCONT');
      expect(await call(first)).toEqual(served);
      expect(tt.tokenRequests).toHaveLength(2);
      expect(tt.requests.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    },
  );

  it.skipIf(process.platform !== 'linux')(
    'takes the answer of a token request that arrived while it was frozen',
    async () => {
      const redis = await startRedis();
      onTestFinished(() => redis.stop());
      const { tt, variables } = await setUp();
      const REDIS_URL = `redis://127.0.0.1:${redis.port}`;
      const instance = await startInstance({ ...variables, REDIS_URL });
      const release = tt.holdTokenRequests();
      const answer = call(instance);
      await tt.waitForTokenRequests(1);
      await freeze(instance);
      release();
      await last(5_500); // longer than the token request may take
      instance.kill('SIGCONT');
      expect(await answer).toEqual(served);
      expect(tt.tokenRequests).toHaveLength(1);
    },
  );
});

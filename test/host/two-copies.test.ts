import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { setScene, type Scene } from '../processes/scene.js';

const script = fileURLToPath(new URL('two-copies.mjs', import.meta.url));

interface Program {
  run(command: string, details?: object): Promise<unknown>;
  /** Resolves with its exit code. */
  readonly gone: Promise<unknown>;
}

/** Starts a program with both copies, whose commands run one after the other. */
async function startProgram(scene: Scene): Promise<Program> {
  const child = fork(script, { env: scene.environment, execArgv: [] });
  const gone = once(child, 'exit').then(([code]: unknown[]) => code);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await gone;
  });
  async function answer(): Promise<unknown> {
    const [message] = (await once(child, 'message')) as [{ result?: unknown; failure?: string }];
    if (message.failure !== undefined) throw new Error(message.failure);
    return message.result;
  }
  await answer();
  return {
    gone,
    run(command, details) {
      const answered = answer();
      child.send({ command, details });
      return answered;
    },
  };
}

async function startTwo(): Promise<{ scene: Scene; program: Program }> {
  const scene = await setScene({ latencyMs: 50 });
  const program = await startProgram(scene);
  expect(await program.run('areTwo')).toEqual({ create: true, errors: true, axios: true });
  return { scene, program };
}

it('two copies of the package in one program share each token request, and no lock is fought for', async () => {
  const { scene, program } = await startTwo();
  const { tt } = scene;
  const issued = (): unknown => tt.tokenRequests.at(-1)?.accessToken;
  expect(await program.run('get')).toEqual([issued()]);
  expect(tt.tokenRequests).toHaveLength(1);
  expect(await program.run('events')).toEqual(['adopted', 'refreshed']);

  for (const [index, copy] of ['esm', 'cjs', 'esm'].entries()) {
    const token = await program.run('forceOne', { copy });
    expect(token).toBe(issued());
    expect(tt.tokenRequests).toHaveLength(2 + index);
    expect(await program.run('events')).toEqual(['refreshed']);
  }
  expect(await scene.leftovers()).toEqual([]);
});

it('adapters of one copy take a manager of the other, and all replays share one token request', async () => {
  const { scene, program } = await startTwo();
  const { tt } = scene;
  await program.run('get');
  tt.revokeAll();
  expect(await program.run('send')).toEqual(Array.from({ length: 12 }, () => 200));
  expect(tt.tokenRequests).toHaveLength(2);
  expect(tt.requests.filter(({ status }) => status === 200)).toHaveLength(12);
  expect(new Set(tt.requests.map(({ requestId }) => requestId)).size).toBe(tt.requests.length);
  expect(tt.requests.every(({ headers }) => headers['x-api-key'] === tt.apiKey)).toBe(true);
});

it('both copies on one instance of axios replay once, with one request ID', async () => {
  const { scene, program } = await startTwo();
  const { tt } = scene;
  await program.run('get');
  tt.failNextRequests({ status: 401, count: Infinity });
  expect(await program.run('sendTwiceAttached')).toBe(401);
  expect(tt.requests).toHaveLength(2);
  for (const { query } of tt.requests) expect(query).toMatch(/^requestId=[^&]+$/);
});

it('each copy knows the errors of the other', async () => {
  const { program } = await startTwo();
  expect(await program.run('errors')).toEqual([true, true, true, true]);
});

it('both copies give back their locks when the program exits', async () => {
  const { scene, program } = await startTwo();
  scene.tt.holdTokenRequests();
  await program.run('hold');
  await scene.tt.waitForTokenRequests(2);
  const files = ['token.json-cjs.lock', 'token.json-esm.lock'];
  expect((await scene.leftovers()).sort()).toEqual(files);
  void program.run('exit').catch(() => undefined);
  expect(await program.gone).toBe(0);
  expect(await scene.leftovers()).toEqual([]);
});

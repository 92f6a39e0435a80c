import { execFile, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { postgresStore } from '../examples/postgres-store.js';
import type { StoreIdentity } from '../src/index.js';
import { startFakeTT, storeChecks, type FakeTT } from '../src/testing/index.js';
import { describeWithPostgres } from './helpers/describe-with-postgres.js';
import { run } from './helpers/examples.js';
import { startPostgres, type PostgresServer } from './helpers/postgres-server.js';

const example = fileURLToPath(new URL('../examples/postgres-store.ts', import.meta.url));

describeWithPostgres('examples/postgres-store.ts', () => {
  let server: PostgresServer;
  let pool: Pool;

  function newPool(): Pool {
    return new Pool({ connectionString: server.url, max: 30 }).on('error', () => undefined);
  }

  beforeAll(async () => {
    server = await startPostgres();
    pool = newPool();
    const table = /CREATE TABLE [^;]+/.exec(await readFile(example, 'utf8'))?.[0] ?? '';
    await pool.query(table);
  });
  beforeEach(() => pool.query('TRUNCATE tt_token'));
  afterAll(async () => {
    await pool.end();
    await server.stop();
  });

  /** Ends the sessions that hold a lock, as an operator or a lost connection does. */
  const endHolders = (): Promise<unknown> =>
    pool.query(`SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'`);

  const checks = storeChecks(() => postgresStore(pool), {
    breakLease: endHolders,
    async leaveDeadHolder(identity) {
      // Its pool would wait for the session that nobody gives back.
      await postgresStore(newPool()).open(identity).acquire();
      await endHolders();
    },
  });
  for (const check of checks) it(check.name, check.run);

  it('keeps a text as long as it is of use', async () => {
    const identity = {
      environment: 'SIM',
      baseUrl: 'https://tt.example/',
      keyFingerprint: 'f',
    } as const;
    const session = postgresStore(pool).open(identity);
    await session.write('soon over', { lifeMs: 1 });
    await expect.poll(() => session.read()).toBeUndefined();
  });

  it('a session that ends while it asks for the lock does not end the process', async () => {
    const own = newPool();
    onTestFinished(() => own.end());
    own.once('acquire', (client) => {
      const { stream } = Reflect.get(client, 'connection') as { stream: Socket };
      setImmediate(() => stream.destroy(new Error('reset by a test')));
    });
    const identity = { environment: 'SIM', baseUrl: 'https://tt.example/', keyFingerprint: 'e' };
    const session = postgresStore(own).open(identity as StoreIdentity);
    await expect(session.acquire()).rejects.toThrow('reset by a test');
    const lease = await session.acquire();
    expect(lease).toBeDefined();
    await lease?.release();
  });

  function variablesOf(tt: FakeTT, name = 'process'): Record<string, string> {
    return {
      ...{ TT_API_KEY: tt.apiKey, TT_API_SECRET: tt.apiSecret, TT_BASE_URL: tt.url },
      ...{ TT_APP_NAME: name, TT_COMPANY_NAME: 'Tests', POSTGRES_URL: server.url },
    };
  }

  /** A process that runs the example; the stand-in knows it by its name. */
  interface Run {
    readonly name: string;
    readonly child: ChildProcess;
    readonly ended: Promise<{ stdout: string; stderr: string }>;
  }

  function start(tt: FakeTT, count: number): Run[] {
    return Array.from({ length: count }, (_, index) => {
      const { PATH, HOME, TMPDIR } = process.env;
      const name = `process${index}`;
      let child: ChildProcess | undefined;
      const ended = new Promise<{ stdout: string; stderr: string }>((resolve) => {
        child = execFile(
          process.execPath,
          ['--import', 'tsx', example],
          { env: { PATH, HOME, TMPDIR, ...variablesOf(tt, name) }, timeout: 110_000 },
          (_error, stdout, stderr) => resolve({ stdout, stderr }),
        );
      });
      return { name, child: child as ChildProcess, ended };
    });
  }

  async function fakeTT(): Promise<FakeTT> {
    const tt = await startFakeTT();
    onTestFinished(() => tt.close());
    return tt;
  }

  const valid = /token valid until \d{4}-\d\d-\d\dT[\d:.]+Z\n$/;

  it('ten processes make one token request', async () => {
    const tt = await fakeTT();
    const release = tt.holdTokenRequests();
    const runs = Array.from({ length: 10 }, () =>
      run('postgres-store.ts', variablesOf(tt), 110_000),
    );
    await tt.waitForTokenRequests(1);
    release();
    const all = await Promise.all(runs);
    for (const { stdout, stderr } of all) {
      expect(stderr).toBe('');
      expect(stdout).toMatch(valid);
    }
    expect(all.filter(({ stdout }) => stdout.startsWith('token fetched'))).toHaveLength(1);
    expect(tt.tokenRequests).toHaveLength(1);
  });

  it('a killed holder costs one more request, by one other', async () => {
    const tt = await fakeTT();
    const release = tt.holdTokenRequests();
    const runs = start(tt, 3);
    await tt.waitForTokenRequests(1);
    const holder = runs.find(({ name }) => tt.tokenRequests[0]?.requestId?.startsWith(`${name}-`));
    holder?.child.kill('SIGKILL');
    await tt.waitForTokenRequests(2);
    release();
    await holder?.ended;
    for (const run of runs.filter((one) => one !== holder)) {
      expect((await run.ended).stdout).toMatch(valid);
    }
    expect(tt.tokenRequests).toHaveLength(2);
  });

  it('a database that is stopped costs no token, and is said', async () => {
    const tt = await fakeTT();
    const release = tt.holdTokenRequests();
    const runs = start(tt, 2);
    await tt.waitForTokenRequests(1);
    await server.kill();
    // The other one asks for itself.
    const crashed = runs.map(async ({ ended }) => {
      throw new Error(`ended too soon: ${(await ended).stderr}`);
    });
    await Promise.race([tt.waitForTokenRequests(2), ...crashed]);
    release();
    for (const { ended } of runs) {
      const { stdout, stderr } = await ended;
      expect(stdout).toMatch(valid);
      expect(stderr).toMatch(/^(read|lock|write): /m);
    }
    expect(tt.tokenRequests).toHaveLength(2);
    await server.restart();
  });
});

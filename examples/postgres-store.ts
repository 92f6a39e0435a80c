// A store of your own: processes on any number of hosts share one token over PostgreSQL. Copy postgresStore.
// Once: CREATE TABLE tt_token (name text PRIMARY KEY, text text NOT NULL, ends_at timestamptz NOT NULL);
//   TT_API_KEY=... TT_API_SECRET=... TT_APP_NAME='My App' TT_COMPANY_NAME='Acme Co' \
//   POSTGRES_URL=postgres://localhost:5432/app npx tsx examples/postgres-store.ts
import { Pool, type PoolClient } from 'pg';
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';
import type { StoreLease, TokenStore } from 'tt-token-manager';

const readText = 'SELECT text FROM tt_token WHERE name = $1 AND ends_at > now()';
const writeText = `INSERT INTO tt_token VALUES ($1, $2, now() + $3 * interval '1 ms')
  ON CONFLICT (name) DO UPDATE SET text = excluded.text, ends_at = excluded.ends_at`;
const lock = 'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS taken';
const unlock = 'SELECT pg_advisory_unlock(hashtextextended($1, 0))';

/**
 * Keeps one row an identity. Its lock is an advisory lock of the session of the process that refreshes: the server frees
 * it when that session ends, however the process died. tcp_keepalives_idle of the server says when that of a lost host
 * ends. The lock needs a connection of the pool, and none through a pooler that lends sessions by transaction.
 */
export function postgresStore(pool: Pool): TokenStore {
  return {
    open({ environment, baseUrl, keyFingerprint }) {
      const name = [environment, baseUrl, keyFingerprint].join(' ');
      return {
        async read() {
          return (await pool.query<{ text: string }>(readText, [name])).rows[0]?.text;
        },
        async write(text, { lifeMs }) {
          await pool.query(writeText, [name, text, lifeMs]);
        },
        async acquire() {
          const session = await pool.connect();
          if (session.listenerCount('error') === 0) session.on('error', () => undefined); // As queries fail with it.
          try {
            const { rows } = await session.query<{ taken: boolean }>(lock, [name]);
            if (rows[0]?.taken) return leaseOf(session, name);
          } catch (error) {
            session.release(true);
            throw error;
          }
          session.release();
          return undefined;
        },
      };
    },
  };
}

function leaseOf(session: PoolClient, name: string): StoreLease {
  let isLost = false;
  let releasing: Promise<void> | undefined;
  const isOver = (): boolean => isLost || releasing !== undefined;
  const lose = (): void => void (isLost = true);
  session.on('error', lose); // The session has ended, and the lock with it.

  async function release(): Promise<void> {
    if (!isLost) await session.query(unlock, [name]).catch(lose);
    if (!isLost) session.off('error', lose);
    session.release(isLost); // One that could not unlock is ended.
  }
  return {
    async write(text, { lifeMs }) {
      if (isOver()) return false;
      try {
        await session.query(writeText, [name, text, lifeMs]);
        return true;
      } catch (error) {
        if ((error as { code?: string }).code === '57P01') lose(); // An operator has ended the session.
        if (isOver()) return false;
        throw error;
      }
    },
    release: () => (releasing ??= release()),
  };
}

if (/postgres-store\.[jt]s$/.test(process.argv[1] ?? '')) {
  const { POSTGRES_URL: connectionString } = process.env;
  const pool = new Pool({ connectionString, connectionTimeoutMillis: 4_000 });
  pool.on('error', () => undefined); // An idle connection was lost: the next query opens another.
  const manager = createTokenManager({ ...optionsFromEnv(), store: postgresStore(pool) });
  manager.on('refreshed', () => console.log('token fetched'));
  manager.on('adopted', () => console.log('token found in PostgreSQL'));
  manager.on('storeFailed', ({ operation, message }) => console.warn(`${operation}: ${message}`));

  const { expiresAt } = await manager.getToken();
  console.log(`token valid until ${new Date(expiresAt).toISOString()}`);
  await manager.close();
  await pool.end();
}

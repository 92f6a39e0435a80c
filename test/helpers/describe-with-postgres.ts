import { describe } from 'vitest';
import { isPostgresInstalled } from './postgres-server.js';

const missing = 'the tests over PostgreSQL need its server (apt-get install postgresql)';
if (!isPostgresInstalled) {
  if (process.env.CI === 'true') throw new Error(missing);
  console.warn(`skipped: ${missing}`);
}

/** `describe`; where there is no PostgreSQL it is skipped with one line, and fails in CI. */
export const describeWithPostgres = describe.skipIf(!isPostgresInstalled);

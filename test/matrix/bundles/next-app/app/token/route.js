import { createTokenManager, optionsFromEnv } from 'tt-token-manager';
import { authenticateFetch } from 'tt-token-manager/fetch';

export const dynamic = 'force-dynamic';

const signals = () => process.eventNames().filter((name) => String(name).startsWith('SIG'));

/** Asks the API by Next's own fetch; answers what became of the store, and new signal listeners. */
export async function GET() {
  const before = signals();
  const manager = createTokenManager(optionsFromEnv());
  const storeFailures = [];
  manager.on('storeFailed', ({ operation, message }) =>
    storeFailures.push(`${operation}: ${message}`),
  );
  const url = `${process.env.TT_BASE_URL}/ttpds/ext_uat_cert/markets`;
  const { status } = await authenticateFetch(fetch, manager)(url);
  await manager.close();
  const listeners = signals().filter((name) => !before.includes(name));
  return Response.json({ storeFailures, listeners }, { status });
}

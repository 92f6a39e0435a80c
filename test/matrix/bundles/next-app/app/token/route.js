import { seenBy } from '../../seen.mjs';
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';
import { authenticateFetch } from 'tt-token-manager/fetch';

export const dynamic = 'force-dynamic';

/** Asks the API by Next's own fetch; answers what was seen, with the status of the API's answer. */
export async function GET() {
  const manager = createTokenManager(optionsFromEnv());
  const url = `${process.env.TT_BASE_URL}/ttpds/ext_uat_cert/markets`;
  let status;
  const seen = await seenBy(manager, async () => {
    ({ status } = await authenticateFetch(fetch, manager)(url));
  });
  return Response.json(seen, { status });
}

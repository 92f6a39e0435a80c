// A fake TT on this machine, to try the package without an account: node fake-tt.mjs   (Ctrl-C ends it)
import { startFakeTT } from 'tt-token-manager/testing';
const { url } = await startFakeTT({ port: 8787, apiKey: 'my-key', apiSecret: 'my-secret' });
console.log(
  `TT_API_KEY=my-key\nTT_API_SECRET=my-secret\nTT_APP_NAME=My App\nTT_COMPANY_NAME=Acme Co\nTT_BASE_URL=${url}`,
);

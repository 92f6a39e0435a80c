// axios and fetch, and the manager's token request, through the proxy of a firm.
//   npm install tt-token-manager axios https-proxy-agent undici@7
//   HTTPS_PROXY=http://user:password@proxy.example:8080 NO_PROXY=localhost \
//   TT_API_KEY=... TT_API_SECRET=... TT_APP_NAME='My App' TT_COMPANY_NAME='Acme Co' npx tsx examples/proxy.ts
import axios from 'axios';
import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { EnvHttpProxyAgent, fetch } from 'undici';
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';
import { authenticateAxios } from 'tt-token-manager/axios';
import { authenticateFetch } from 'tt-token-manager/fetch';

// A proxy that reads TLS answers with a certificate of the firm's own CA: FIRM_CA is its PEM file. Without code, for
// all of Node: NODE_EXTRA_CA_CERTS=<file>, or --use-system-ca from Node 22.15 on.
// Mutual TLS: tls = { cert: readFileSync('client.pem'), key: readFileSync('client-key.pem') }.
const { FIRM_CA, HTTPS_PROXY } = process.env;
const tls = FIRM_CA ? { ca: [...rootCertificates, readFileSync(FIRM_CA, 'utf8')] } : {};
const dispatcher = new EnvHttpProxyAgent({ requestTls: tls }); // HTTPS_PROXY, HTTP_PROXY and NO_PROXY

// undici's own fetch: the one of Node may be of an older undici than the dispatcher, which is in the init, as Node 24
// and newer hide that of a Request.
const proxiedFetch: typeof fetch = (input, init) => fetch(input, { ...init, dispatcher });

async function main(): Promise<void> {
  if (!HTTPS_PROXY) throw new Error('HTTPS_PROXY must be set');
  const manager = createTokenManager({ ...optionsFromEnv(), fetch: proxiedFetch });
  const url = manager.apiUrl('ttpds', 'markets');
  try {
    const { status } = await authenticateFetch(proxiedFetch, manager)(url);
    console.log(`fetch GET markets ${status}`);

    // An agent, since axios tunnels by itself in its newest versions only; the agent does not read NO_PROXY.
    const agent = new HttpsProxyAgent(HTTPS_PROXY);
    Object.assign(agent.options, tls); // its own second argument is for an https:// proxy itself
    const client = axios.create({ timeout: 10_000, httpsAgent: agent, proxy: false });
    authenticateAxios(client, manager);
    console.log(`axios GET markets ${(await client.get(url)).status}`);
  } finally {
    await manager.close();
    await dispatcher.close();
  }
}

try {
  await main();
} catch (error) {
  console.error(`proxy: ${error instanceof Error ? error.message : 'failed'}`);
  process.exitCode = 1;
}

import { startFakeTT, type FakeTT, type FakeTTOptions } from 'tt-token-manager/testing';

/** The stand-in, with its settings and logs. */
export async function useFake(): Promise<number> {
  const options: FakeTTOptions = { latencyMs: 1, tokenLifetimeSeconds: 60 };
  const tt: FakeTT = await startFakeTT(options);
  tt.failNextTokenRequests({ status: 503, count: 1, retryAfterSeconds: 1, body: 'busy' });
  tt.revoke('token');
  const texts: string[] = [tt.url, tt.apiKey, tt.apiSecret];
  await tt.close();
  return texts.length + tt.tokenRequests.length + tt.requests.length;
}

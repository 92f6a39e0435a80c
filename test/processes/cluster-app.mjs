// A small cluster application: each worker asks for a token many times and tells its master.
import cluster from 'node:cluster';
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';

if (cluster.isPrimary) {
  const results = [];
  for (let count = 0; count < 4; count++) {
    cluster.fork().on('message', (tokens) => results.push(...tokens));
  }
  cluster.on('exit', () => {
    if (Object.keys(cluster.workers).length === 0)
      console.log(JSON.stringify([...new Set(results)]));
  });
} else {
  const manager = createTokenManager(optionsFromEnv());
  const tokens = await Promise.all(Array.from({ length: 50 }, () => manager.getToken()));
  process.send(
    tokens.map(({ accessToken }) => accessToken),
    () => process.disconnect(),
  );
}

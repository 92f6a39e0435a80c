// Takes the locks of all rounds and waits to be killed, or gets one token a round with a manager of its own.
import { createTokenManager, fileStore } from 'tt-token-manager';

const { options, identity, paths } = JSON.parse(process.env.STALE_LOCK);

if (paths) {
  for (const path of paths) await fileStore({ path }).open(identity).acquire();
  process.send('locked');
} else {
  process.send('ready');
}

process.on('message', async (tokenFile) => {
  const manager = createTokenManager({ ...options, tokenFile });
  const outcome = await manager.getToken().then(
    ({ accessToken }) => accessToken,
    (error) => `failed: ${error.message}`,
  );
  await manager.close();
  process.send(outcome);
});

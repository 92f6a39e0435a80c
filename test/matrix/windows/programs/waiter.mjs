// Waits for the lock that another process holds, until that one is killed.
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';
import { meet } from './meet.mjs';
import { printSeen } from './seen.mjs';

const manager = createTokenManager(optionsFromEnv());
await meet('held');
await printSeen(manager, async () => {
  const asked = manager.getToken();
  await meet('asked', process.env.MATRIX_ASKED);
  await asked;
});

// Takes the lock, says so, and stays there until it is killed.
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';

setInterval(() => undefined, 60_000);
const apiSecret = () => {
  console.log('holds the lock');
  return new Promise(() => undefined);
};
await createTokenManager({ ...optionsFromEnv(), apiSecret }).getToken();

// Takes the lock, meets the others there, and stays until it is killed.
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';
import { meet } from './meet.mjs';

setInterval(() => undefined, 60_000);
const apiSecret = async () => {
  await meet('held');
  return new Promise(() => undefined);
};
await createTokenManager({ ...optionsFromEnv(), apiSecret }).getToken();

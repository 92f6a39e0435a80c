// An application of ES modules: one of four processes on one token file, by fetch and ky.
import { printSeen } from './seen.mjs';
import ky from 'ky';
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';
import { authenticateFetch } from 'tt-token-manager/fetch';
import { authenticateKy } from 'tt-token-manager/ky';

const manager = createTokenManager(optionsFromEnv());
const url = `${process.env.TT_BASE_URL}/ttpds/ext_uat_cert/markets`;
await printSeen(manager, async () => {
  const answers = [
    await authenticateFetch(fetch, manager)(url),
    await authenticateKy(ky, manager)(url),
  ];
  if (answers.some(({ ok }) => !ok)) throw new Error('a request was refused');
});

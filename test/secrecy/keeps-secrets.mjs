// A program that gets its secrets from elsewhere than its environment, and tells all that others can see of it.
import { execFileSync } from 'node:child_process';
import fsp from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import axios from 'axios';
import { createTokenManager } from 'tt-token-manager';
import { authenticateAxios } from 'tt-token-manager/axios';

const commands = {};
process.on('message', ({ name, details }) => commands[name](details));
const told = (name) => new Promise((resolve) => (commands[name] = resolve));

const { rename } = fsp;
function setRename(changed) {
  fsp.rename = changed;
  syncBuiltinESMExports();
}
setRename(async (...paths) => {
  setRename(rename);
  const goOn = told('rename');
  process.send('renaming');
  await goOn;
  return rename(...paths);
});

const started = told('start');
const ended = told('end');
process.send('ready');
const { options, url, isFunction } = await started;
const { encryptionKey } = options;
const manager = createTokenManager({
  ...options,
  encryptionKey: isFunction ? async () => encryptionKey : encryptionKey,
});
const { accessToken } = await manager.getToken();
process.send('served');
manager.invalidate(accessToken);
const instance = axios.create({ validateStatus: () => true });
authenticateAxios(instance, manager);
await instance.get(url).catch(() => undefined);
await manager.getToken({ forceRefresh: true }).catch(() => undefined);
process.send({
  grandchild: execFileSync('/bin/sh', [
    '-c',
    'env; cat /proc/$PPID/cmdline /proc/$PPID/environ',
  ]).toString(),
  own: { ...process.env },
  started: [process.argv, process.execArgv, process.title],
  report: process.report.getReport(),
});
await ended;
await manager.close();
process.disconnect();

// Uses a manager, leaves it open, and tells what it left in the process.
import { createTokenManager, optionsFromEnv } from 'tt-token-manager';

const watched = [
  'exit',
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
  'uncaughtException',
  'unhandledRejection',
  'warning',
];
const look = () => ({
  listeners: watched.map((name) => process.listenerCount(name)),
  all: process.eventNames().map(String).sort(),
  emit: process.emit,
  reallyExit: process.reallyExit,
  handles: process
    .getActiveResourcesInfo()
    .filter((name) => name === 'Timeout' || name.startsWith('FSEvent')),
});

const before = look();
const manager = createTokenManager(optionsFromEnv());
await manager.getToken();
await manager.getToken({ forceRefresh: true });
const after = look();
console.log(
  JSON.stringify({
    listenersEqual: JSON.stringify(before.listeners) === JSON.stringify(after.listeners),
    namesEqual: JSON.stringify(before.all) === JSON.stringify(after.all),
    patched: before.emit !== after.emit || before.reallyExit !== after.reallyExit,
    handles: after.handles,
  }),
);

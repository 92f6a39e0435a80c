// Looks at the token file all the time: it has to be whole and private at every moment, unless told to look away.
import { lstatSync, readFileSync } from 'node:fs';
import { clearInterval, setInterval } from 'node:timers';

const path = process.argv[2];
let isWatching = false;
let looks = 0;

/** What is wrong with the file now. */
function fault() {
  try {
    const text = readFileSync(path, 'utf8');
    const { mode } = lstatSync(path);
    if ((mode & 0o777) !== 0o600) return `its mode is ${(mode & 0o777).toString(8)}`;
    const { version, token, failure } = JSON.parse(text);
    return version === 1 && (token || failure) ? undefined : 'it holds no record';
  } catch (error) {
    return error.message;
  }
}

function look() {
  looks++;
  const found = isWatching && fault();
  if (found) {
    isWatching = false;
    process.send({ violation: `the token file was not whole and private: ${found}` });
  }
}

const timer = setInterval(look, 1);
process.on('message', ({ id, command }) => {
  if (command === 'watch') isWatching = true;
  if (command === 'lookAway') isWatching = false;
  process.send({ id, result: command === 'fault' ? (fault() ?? null) : looks });
});
process.on('disconnect', () => clearInterval(timer));

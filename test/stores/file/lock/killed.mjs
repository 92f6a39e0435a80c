// Takes the lock, writes, and gives it back; kills itself right before a file operation, and says how many there were.
import fsp from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const [path, fatal] = process.argv.slice(2);
let operations = 0;
const names = 'chmod lstat mkdir open readdir realpath rename rm rmdir unlink utimes'.split(' ');
for (const name of names) {
  const inner = fsp[name];
  fsp[name] = (...given) => {
    if (operations++ === Number(fatal)) process.kill(process.pid, 'SIGKILL');
    return inner(...given);
  };
}
syncBuiltinESMExports();

const { fileStore } = await import('tt-token-manager');
const identity = { environment: 'UAT', baseUrl: 'https://tt.example/', keyFingerprint: '01234567' };
const lease = await fileStore({ path }).open(identity).acquire();
if (!(await lease.write('of the holder', { lifeMs: 60_000 }))) throw new Error('lost the lease');
await lease.release();
console.log(operations);

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spacedUntil, type Place } from './faults.js';
import { fileFaults } from './file-faults.js';

/** Makes a folder for a token file, for a user if one is given, with a reader that looks at it all the time. */
export async function openFilePlace(
  uid: number | undefined,
  onViolation: (text: string) => void,
): Promise<Place> {
  const base = await mkdtemp(join(tmpdir(), 'tt-token-chaos-'));
  const tokenFile = join(base, 'state', 'token.json');
  await mkdir(dirname(tokenFile), { mode: 0o700 });
  if (uid !== undefined) for (const path of [base, dirname(tokenFile)]) await chown(path, uid, uid);

  const reader = fork(fileURLToPath(new URL('reader.mjs', import.meta.url)), [tokenFile], {
    execArgv: [],
    ...(uid !== undefined && { uid, gid: uid }),
  });
  reader.on('message', ({ violation }: { violation?: string }) => {
    if (violation !== undefined) onViolation(violation);
  });

  async function ask(command: 'watch' | 'lookAway' | 'fault'): Promise<unknown> {
    const answered = new Promise((resolve) => {
      reader.on('message', function hear(message: { id?: string; result?: unknown }) {
        if (message.id !== command) return;
        reader.off('message', hear);
        resolve(message.result);
      });
    });
    reader.send({ id: command, command });
    return answered;
  }

  return {
    settings: { tokenFile },
    faults: fileFaults(tokenFile, uid),
    silentMs: 5_000,
    spacedUntil: async () => spacedUntil(await readFile(tokenFile, 'utf8').catch(() => '')),
    watch: () => ask('watch'),
    lookAway: () => ask('lookAway'),
    isWhole: async () => (await ask('fault')) === null,
    isTidy: async () => (await readdir(dirname(tokenFile))).join() === 'token.json',
    async close() {
      const gone = once(reader, 'exit');
      reader.disconnect();
      await gone;
      await rm(base, { recursive: true, force: true });
    },
  };
}

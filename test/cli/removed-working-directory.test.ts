import { expect, it } from 'vitest';
import { createPlace, type Finished } from './command.js';

// A service whose release folder was replaced, or a shell in a folder that somebody else has removed.
const inRemovedFolder = 'cd "$(mktemp -d)" && rmdir "$PWD" && exec "$0" "$@"';

async function start(args: readonly string[]): Promise<Finished> {
  const { start } = await createPlace();
  return start(args, { executable: '/bin/sh', node: ['-c', inRemovedFolder] });
}

it.each([[[]], [['doctor']], [['doctor', '--online']]])(
  'the command works in a working directory that was removed: %j',
  async (args) => {
    const { code, stderr } = await start(args);
    expect(code).toBe(0);
    expect(stderr).not.toContain('tt-token:'); // the shell may say something
  },
);

it.each([
  [['--dotenv=my.env'], 'the file of --dotenv does not exist'],
  [['keep', '--write', 'token'], '--write names a file that cannot be used (ENOENT)'],
  [
    ['--token-file', 'token.json'],
    'TT_TOKEN_FILE (--token-file) must be absolute: the working directory has been removed',
  ],
])('says that nothing relative can be found there: %j', async (args, message) => {
  const { code, stderr } = await start(args);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});

// The command on Windows, through the shim that npm puts there, and paths as Windows has them.
import assert from 'node:assert/strict';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lastJson, successOf } from '../lib/processes.mjs';

/** Makes npm's shims of the command, where npm makes them; gives a function that starts the one for Windows. */
async function installCommand({ session, project, toWindows, start }) {
  const { default: cmdShim } = await import(join(session.modules, 'cmd-shim/lib/index.js'));
  const bin = join(project, 'node_modules/.bin');
  await mkdir(bin, { recursive: true });
  const file = join(project, 'node_modules/tt-token-manager/dist/tt-token.js');
  await cmdShim(file, join(bin, 'tt-token'));
  const shim = toWindows(join(bin, 'tt-token.cmd'));
  return (options, env) => start(['cmd', '/c', shim, ...options], env);
}

async function command(scene) {
  const { tt, folder, toWindows } = scene;
  const tokenFile = toWindows(join(folder, 'token.json'));
  const begin = await installCommand(scene);
  const call = (options, env) => successOf(begin(options, env));
  const got = lastJson(await call(['--output', 'json', '--show']));
  const { success, token, token_file } = got;
  assert.deepEqual([success, token], [true, tt.tokenRequests[0].accessToken]);
  assert.equal(token_file, tokenFile);
  assert.equal(lastJson(await call(['--verify', '--output', 'json'])).valid, true);
  assert.match(await call(['doctor']), /ACL/);
  assert.equal(tt.tokenRequests.length, 1);
}

async function dotenv(scene) {
  const { tt, folder, toWindows } = scene;
  const begin = await installCommand(scene);
  const lines = [
    `TT_API_KEY=${tt.apiKey}`,
    `TT_API_SECRET=${tt.apiSecret}`,
    'TT_APP_NAME=Matrix',
    'TT_COMPANY_NAME=Tests',
    `TT_BASE_URL=${tt.url}`,
    `TT_TOKEN_FILE=${toWindows(join(folder, 'of dotenv.json'))}`,
  ];
  await writeFile(join(folder, 'my settings.env'), lines.join('\r\n'));
  const names = lines.map((line) => line.split('=')[0]);
  const unset = Object.fromEntries(names.map((name) => [name, '']));
  const path = toWindows(join(folder, 'my settings.env'));
  const said = lastJson(await successOf(begin(['--dotenv', path, '--output', 'json'], unset)));
  assert.deepEqual(
    [said.success, said.token_file],
    [true, toWindows(join(folder, 'of dotenv.json'))],
  );
  const absent = await begin(['--dotenv', `${path}.absent`]).ended;
  assert.equal(absent.code, 2, absent.stderr);
}

/** Waits until something is so, or an ended program says why it cannot be. */
async function until(isSo, endedFirst) {
  while (!(await isSo())) await Promise.race([delay(20), endedFirst]);
}

/**
 * `keep` writes the bare token anew while two read it without a pause: each reads a whole token every time, and the
 * newest one at the end. One token request a token.
 */
async function keep(scene) {
  const { tt, folder, session, startNode, toWindows } = scene;
  tt.configure({ tokenLifetimeSeconds: 8 });
  const issued = () => tt.tokenRequests.map(({ accessToken }) => accessToken);
  const file = join(folder, 'bearer.txt');
  const bearer = toWindows(file);
  const begin = await installCommand(scene);
  const keeper = begin(['keep', '--write', bearer]);
  const readers = [1, 2].map(() => startNode(['token-reader.mjs'], { MATRIX_BEARER: bearer }));
  const read = Promise.all(readers.map(successOf));
  const endedFirst = Promise.race([keeper.ended, read]).then((ended) => {
    throw new Error(`a program ended by itself: ${JSON.stringify(ended)}`);
  });
  try {
    await until(() => issued().length === 2, endedFirst);
    tt.configure({ tokenLifetimeSeconds: 3_600 });
    await until(
      async () => issued().length > 2 && (await readFile(file, 'utf8')).trim() === issued()[2],
      endedFirst,
    );
    await writeFile(`${file}.last`, '');
    for (const tokens of (await read).map(lastJson)) {
      assert.equal(tokens.at(-1), issued()[2]);
      // In their order; a reader that was slow may have missed one.
      assert.deepEqual(
        issued().filter((token) => tokens.includes(token)),
        tokens,
      );
    }
    assert.equal(issued().length, 3);
  } finally {
    endedFirst.catch(() => undefined);
    read.catch(() => undefined);
    await session.endAll(bearer);
    for (const { end } of readers) end();
  }
  const { stderr } = await keeper.ended;
  assert.doesNotMatch(stderr, /fail|could not|EPERM|EBUSY|EACCES/i);
}

const shownPath = (pathOf, { isStored = true } = {}) =>
  async function isShown(scene) {
    const { tt, startNode } = scene;
    const { windows, host } = await pathOf(scene);
    const file = 'node_modules/tt-token-manager/dist/tt-token.js';
    const env = { TT_TOKEN_FILE: windows };
    const said = lastJson(await successOf(startNode([file, '--output', 'json'], env)));
    assert.deepEqual([said.success, said.token_file], [true, windows]);
    assert.equal(tt.tokenRequests.length, 1);
    if (!isStored) return;
    assert.notEqual(said.stored, false);
    assert.ok((await stat(host)).isFile());
    const verified = await successOf(startNode([file, '--verify', '--output', 'json'], env));
    assert.deepEqual(lastJson(verified).token_file, windows);
  };

const onDriveC = (...names) =>
  function pathOf({ folder, toWindows }) {
    const host = join(folder, ...names);
    return { host, windows: toWindows(host) };
  };

async function onDriveD({ session, places }) {
  const folder = await places.below(join(session.driveC, '../drive_d'));
  const host = join(folder, 'token.json');
  return { host, windows: `D:\\${folder.split('/').at(-1)}\\token.json` };
}

const long = Array.from({ length: 8 }, (_, index) => `${index}${'long'.repeat(9)}`);

/** All steps by name. */
export const commandSteps = {
  command,
  '--dotenv': dotenv,
  'keep --write': keep,
  'a path with spaces': shownPath(onDriveC('two  words of', 'a token.json')),
  'a path with accents': shownPath(onDriveC('Größe', 'clé ñ.json')),
  'another drive': shownPath(onDriveD),
  // Wine has no realpath of it, so nothing is stored there.
  'a path of over 260 characters': shownPath(onDriveC(...long, 'token.json'), { isStored: false }),
};

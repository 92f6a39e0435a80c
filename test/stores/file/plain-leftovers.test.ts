import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { locate } from '../../../src/stores/file/location.js';
import { removePlainTemporaries } from '../../../src/stores/file/atomic-file.js';

const writer = '3f0f1f5e-8c0e-4d1c-9d5b-0f6f0c1a2b3c';
const folderWriter = '8d1c7a52-93b4-4f0e-8a6d-2b1f0c9d8e7f';
const linkWriter = '0b9f6c1e-55d0-4a5b-9a43-7c0e6d2f1a90';

it('removes the plain temporary file of a writer, and none of another program', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tt-token-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const names = ['token.json.download.tmp', 'token.json.1.tmp', `other.json.${writer}.tmp`];
  for (const name of [...names, `token.json.${writer}.tmp`]) {
    await writeFile(join(folder, name), 'plain');
  }
  await mkdir(join(folder, `token.json.${folderWriter}.tmp`));
  await symlink(names[0] ?? '', join(folder, `token.json.${linkWriter}.tmp`));
  await removePlainTemporaries(await locate(join(folder, 'token.json')));
  const left = [...names, `token.json.${folderWriter}.tmp`, `token.json.${linkWriter}.tmp`];
  expect((await readdir(folder)).sort()).toEqual(left.sort());
});

import { execFile } from 'node:child_process';
import { cp, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { setUp } from '../helpers/examples.js';

const exec = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

it(
  'the files of examples/deploy/tests pass in vitest, Jest and MSW',
  {
    timeout: 600_000,
  },
  async ({ skip }) => {
    const { folder } = await setUp();
    await cp(join(root, 'examples/deploy/tests'), folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), '{"private":true}');
    const tools = ['vitest@4', 'jest@30', 'msw@2'];
    const install = ['install', ...tools, '--ignore-scripts', '--prefer-offline', '--no-save'];
    try {
      await exec('npm', install, { cwd: folder });
    } catch (error) {
      if (process.env.CI === 'true') throw error;
      return skip('npm cannot install Jest and MSW here: is there a network?');
    }
    await symlink(root, join(folder, 'node_modules/tt-token-manager'));

    const { PATH } = process.env;
    const runTool = async (...words: string[]) => {
      const env = { PATH, HOME: folder, NO_COLOR: '1' };
      const { stdout, stderr } = await exec(process.execPath, words, { cwd: folder, env });
      return stdout + stderr;
    };
    const bin = (path: string) => join('node_modules', path);
    expect(await runTool(bin('vitest/vitest.mjs'), 'run', 'vitest.test.mjs')).toMatch(
      /Tests +3 passed/,
    );
    expect(
      await runTool(bin('jest/bin/jest.js'), '--config', 'jest.config.cjs', '--watchman=false'),
    ).toMatch(/Tests: +1 passed, 1 total/);
    expect(await runTool('--test', '--test-reporter=tap', 'msw.test.mjs')).toMatch(/# pass 1\n/);
  },
);

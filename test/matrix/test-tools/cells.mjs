// A cell a test tool, run by a Node that all of them take: the tests are those of a team that uses the package.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { failureOf, run } from '../lib/processes.mjs';

const programs = fileURLToPath(new URL('programs', import.meta.url));

const jest = (test) => [
  'node_modules/jest/bin/jest.js',
  '--watchman=false',
  '--ci',
  `--testMatch=**/${test}`,
];
const vitest = (test) => [
  'node_modules/vitest/vitest.mjs',
  'run',
  '--config',
  'vitest.config.mjs',
  test,
];
const nodeTest = (test) => ['--test', '--test-reporter=tap', test];

/** What Node is given, and what the tool says where all has passed. */
const tools = {
  'jest-commonjs': { args: jest('jest.test.cjs'), said: /Tests: +3 passed, 3 total/ },
  'jest-esm': {
    args: ['--experimental-vm-modules', ...jest('jest-esm.test.mjs')],
    said: /Tests: +2 passed, 2 total/,
  },
  'jest-jsdom': { args: jest('jest-jsdom.test.cjs'), said: /Tests: +1 passed, 1 total/ },
  // It lists what it finds after its summary.
  'jest-open-handles': {
    args: [...jest('jest.test.cjs'), '--detectOpenHandles'],
    said: /^(?![^]*open handle)[^]*Tests: +3 passed, 3 total/,
  },
  vitest: { args: vitest('app.vitest.mjs'), said: /Tests +2 passed \(2\)/ },
  'vitest-happy-dom': { args: vitest('page.vitest.mjs'), said: /Tests +4 passed \(4\)/ },
  'node-test': { args: nodeTest('app.node-test.mjs'), said: /# pass 2\n# fail 0/ },
  msw: { args: nodeTest('msw.node-test.mjs'), said: /# pass 6\n# fail 0/ },
  nock: { args: nodeTest('nock.node-test.mjs'), said: /# pass 3\n# fail 0/ },
  'axios-mock-adapter': {
    args: nodeTest('axios-mock-adapter.node-test.mjs'),
    said: /# pass 2\n# fail 0/,
  },
};

async function check({ args, said }, { installed, install, places }) {
  const set = await install('test-tools');
  const project = await places.project(set, installed, programs);
  const node = join(set, 'node_modules/node-24/bin/node');
  const inSet = args.map((part) => (part.startsWith('node_modules/') ? join(set, part) : part));
  const env = { ...process.env, NO_COLOR: '1', HOME: project };
  const result = await run(node, inSet, { cwd: project, env, limitMs: 90_000 });
  const hasPassed = result.code === 0 && said.test(result.stdout + result.stderr);
  assert.ok(hasPassed, failureOf(inSet.join(' '), result));
}

export default Object.entries(tools).map(([name, tool]) => ({
  name: `test-tools/${name}`,
  check: (context) => check(tool, context),
}));

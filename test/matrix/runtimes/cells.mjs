// A cell a runtime: all steps, one after the other; a failure names each step that failed.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { steps } from './steps.mjs';

const programs = fileURLToPath(new URL('programs', import.meta.url));

const node = (version) => ({
  path: `node-${version}/bin/node`,
  args: () => [],
  hasProxies: version >= 22,
});

/** May write where the token file is, and nowhere else; fsync is denied to it all the same. */
const confined = (folder) => [
  '--permission',
  '--allow-fs-read=*',
  `--allow-fs-write=${folder}`,
  '--allow-net',
  '--allow-worker',
];

const runtimes = {
  'node-20': node(20),
  'node-22': node(22),
  'node-24': node(24),
  'node-26': node(26),
  'node-26-permission': { ...node(26), args: confined, hasProxies: false },
  bun: { path: '@oven/bun-linux-x64/bin/bun', args: () => [] },
  deno: { path: '@deno/linux-x64-glibc/deno', args: () => ['run', '--allow-all', '--quiet'] },
};

async function check({ path, args, hasProxies }, { installed, install, places }) {
  const set = await install('runtimes');
  const project = await places.project(set, installed, programs);
  const runtime = { file: join(set, 'node_modules', path), args, hasProxies };
  const failures = [];
  for (const [name, step] of Object.entries(steps)) {
    try {
      await step({ runtime, project, installed, places });
    } catch (error) {
      failures.push(`${name}: ${error.message}`);
    }
  }
  if (failures.length > 0) throw new Error(failures.join('\n'));
}

export default Object.entries(runtimes).map(([name, runtime]) => ({
  name: `runtimes/${name}`,
  check: (context) => check(runtime, context),
}));

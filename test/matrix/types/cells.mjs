// A cell a compiler and way of resolving modules: with libraries checked, and no setting for our sake.
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../lib/processes.mjs';

const programs = fileURLToPath(new URL('programs', import.meta.url));

const compilers = ['5.4', '5.9', '6', '7'];

const resolutions = {
  node16: { module: 'node16', moduleResolution: 'node16' },
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
  // What a CommonJS project has that sets neither, before TypeScript 6: `exports` are not read.
  node10: { module: 'commonjs', moduleResolution: 'node10', esModuleInterop: true },
};

/** TypeScript 6 warns of node10, and 7 has none. */
const withNode10 = ['5.4', '5.9'];

// The manager is compiled apart from the clients, whose types name those of Node and so bring them.
const projects = {
  'types unset': { files: ['core.mts', 'core.cts'] },
  'types empty, no dom': { files: ['core.mts', 'core.cts'], types: [], lib: ['es2022'] },
  // With exactOptionalPropertyTypes, the platform's own AbortSignal does not fit node-fetch 2.
  'with clients': {
    files: ['clients.mts', 'commonjs.cts', 'fetches.mts'],
    exactOptionalPropertyTypes: false,
  },
};

const common = {
  target: 'es2022',
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  noEmit: true,
};

/** What a compiler says to a project. */
async function compile(tsc, folder, { files, ...options }, resolution) {
  const isNode = resolution.module.startsWith('node');
  const tsconfig = {
    files: isNode ? files : files.filter((file) => file.endsWith('.mts')),
    compilerOptions: { ...common, ...resolution, ...options },
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
  const { stdout, stderr } = await run(process.execPath, [tsc, '--pretty', 'false'], {
    cwd: folder,
  });
  return `${stdout}${stderr}`.trim();
}

async function check(compiler, resolution, { installed, install, places }) {
  const set = await install('types');
  const tsc = join(set, 'node_modules', `typescript-${compiler}`, 'bin', 'tsc');
  const folder = await places.project(set, installed, programs);
  await cp(join(folder, 'core.mts'), join(folder, 'core.cts'));
  const failures = [];
  for (const [name, project] of Object.entries(projects)) {
    const said = await compile(tsc, folder, project, resolutions[resolution]);
    if (said !== '') failures.push(`${name}:\n${said}`);
  }
  if (failures.length > 0) throw new Error(failures.join('\n'));
}

export default compilers.flatMap((compiler) =>
  Object.keys(resolutions)
    .filter((resolution) => resolution !== 'node10' || withNode10.includes(compiler))
    .map((resolution) => ({
      name: `types/typescript-${compiler}-${resolution}`,
      check: (context) => check(compiler, resolution, context),
    })),
);

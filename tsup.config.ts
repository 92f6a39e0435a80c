import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { defineConfig, type Options } from 'tsup';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];
type OutputPlugin = NonNullable<Options['plugins']>[number];

/** What stands in the place of a module that a package we build in asks for. */
const standIns: Readonly<Record<string, string>> = {
  // Locks are removed by our own exit-cleanup; signal-exit would put a handler on every signal.
  'signal-exit': 'module.exports = () => undefined;',
  // graceful-fs would change node:fs and process.
  'graceful-fs': "export { mkdir, realpath, rmdir, rmdirSync, stat, utimes } from 'node:fs';",
  // A require of Node's own modules does not work in an ES module: it becomes an import.
  path: "export { dirname, join, resolve } from 'node:path';",
};

/** Builds packages in, without what they would change in the host program. */
const builtIn: Plugin = {
  name: 'built-in',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^crypto$/ }, () => ({ path: resolve('src/base/lazy-crypto.ts') }));
    onResolve({ filter: /^(signal-exit|graceful-fs|path)$/ }, ({ path }) => ({
      path,
      namespace: 'stand-in',
    }));
    onLoad({ filter: /.*/, namespace: 'stand-in' }, ({ path }) => ({
      contents: standIns[path] ?? '',
    }));
  },
};

/** The folders of the packages that any of the builds takes in. */
const packagesBuiltIn = new Set<string>();

/** Puts the licence of each package that is built in beside what is built. */
const licences: Plugin = {
  name: 'licences',
  setup({ initialOptions, onEnd }) {
    initialOptions.metafile = true;
    onEnd(async ({ metafile }) => {
      for (const input of Object.keys(metafile?.inputs ?? {})) {
        const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
        if (folder) packagesBuiltIn.add(folder);
      }
      const texts = await Promise.all([...packagesBuiltIn].sort().map(licenceOf));
      await mkdir('dist', { recursive: true });
      await writeFile('dist/LICENSES.txt', texts.join('\n'));
    });
  },
};

/** A package's name and version, and the text of its licence; fails for a package without one. */
async function licenceOf(folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
  };
  const file = (await readdir(folder)).find((name) => /^licen[cs]e(\.|$)/i.test(name));
  if (!file) throw new Error(`${manifest.name} is built in and has no licence file`);
  const text = await readFile(join(folder, file), 'utf8');
  return `${manifest.name} ${manifest.version}\n\n${text.trim()}\n`;
}

/** Loads what CommonJS loads late by require: import() fails in a vm without a callback for it (Jest). */
const lateRequire: OutputPlugin = {
  name: 'late-require',
  renderChunk(code) {
    if (this.format !== 'cjs') return undefined;
    return { code: code.replace(/\bimport\((["'][^"']+["'])\)/g, lateRequireOf), map: null };
  },
};

function lateRequireOf(_: string, path: string): string {
  return `Promise.resolve().then(() => require(${path}))`;
}

const shared = {
  target: 'node20',
  sourcemap: false,
  treeshake: true,
  removeNodeProtocol: false,
  // No package is needed at run time: bundles run far from any node_modules.
  noExternal: ['proper-lockfile', 'retry', 'uuid'],
  plugins: [lateRequire],
  esbuildOptions(options, { format }) {
    if (format === 'cjs') options.define = { 'import.meta.url': '__filename' };
  },
} satisfies Options;

export default defineConfig([
  {
    ...shared,
    entry: {
      index: 'src/index.ts',
      axios: 'src/adapters/axios/index.ts',
      fetch: 'src/adapters/fetch/index.ts',
      ky: 'src/adapters/ky/index.ts',
      keyring: 'src/options/keyring.ts',
      redis: 'src/stores/redis/index.ts',
      testing: 'src/testing/index.ts',
    },
    format: ['esm', 'cjs'],
    splitting: true,
    dts: { banner: '/// <reference types="node" />' },
    clean: true,
    esbuildPlugins: [builtIn, licences],
  },
  {
    ...shared,
    entry: { 'tt-token': 'src/cli/main.ts' },
    format: ['esm'],
    // A command starts anew each time: all that --verify needs is in one file, manager and keyring store in the library's.
    splitting: false,
    minify: true,
    // The second line of a file that a shell starts: Node itself would take --env-file, without the `--`.
    // Not `treeshake`, which would drop it.
    banner: { js: `':' //; exec node -- "$0" "$@"` },
    treeshake: false,
    esbuildPlugins: [
      builtIn,
      licences,
      {
        name: 'parts-of-the-library',
        setup({ onResolve }) {
          onResolve({ filter: /\/manager\.js$/ }, () => ({ path: './index.js', external: true }));
          onResolve({ filter: /\/stores\/keyring\/index\.js$/ }, () => ({
            path: './keyring.js',
            external: true,
          }));
        },
      },
    ],
  },
]);

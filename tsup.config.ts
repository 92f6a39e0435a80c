import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineConfig, type Options } from 'tsup';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];
type OutputPlugin = NonNullable<Options['plugins']>[number];

/** What stands in the place of a module that a package we build in asks for. */
const standIns: Readonly<Record<string, string>> = {
  // Locks are removed by our own exit-cleanup; signal-exit would put a handler on every signal.
  'signal-exit': 'module.exports = () => undefined;',
  // graceful-fs would change node:fs and process.
  'graceful-fs': "module.exports = process.getBuiltinModule('node:fs');",
  // A require of Node's own modules does not work in an ES module.
  path: "module.exports = process.getBuiltinModule('node:path');",
};

/** Builds packages in, without what they would change in the host program. */
const builtIn: Plugin = {
  name: 'built-in',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(signal-exit|graceful-fs|path)$/ }, ({ path }) => ({
      path,
      namespace: 'stand-in',
    }));
    onLoad({ filter: /.*/, namespace: 'stand-in' }, ({ path }) => ({
      contents: standIns[path] ?? '',
    }));
  },
};

/**
 * Loads a module of Node when it is used first. An ES module's import of one reads all its exports, which loads
 * streams and worker threads for node:util and node:fs, and node:crypto takes as long as the rest of the library.
 */
const lateNodeModules: Plugin = {
  name: 'late-node-modules',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:.*|crypto)$/ }, ({ path, kind }) =>
      kind === 'dynamic-import'
        ? undefined
        : { path: path.replace(/^(?!node:)/, 'node:'), namespace: 'late-node-module' },
    );
    onLoad({ filter: /.*/, namespace: 'late-node-module' }, async ({ path }) => ({
      contents: lateModule(path, (await import(path)) as NodeModule),
    }));
  },
};

interface NodeModule {
  readonly default: Readonly<Record<string, unknown>>;
}

/** The text of a module that has the same exports as a module of Node: its functions load it. */
function lateModule(path: string, { default: exported }: NodeModule): string {
  const exports = Object.keys(exported).map((name) => {
    const isCalled = typeof exported[name] === 'function' && /^[a-z]/.test(name);
    return isCalled
      ? `export const ${name} = (...values) => nodeModule().${name}(...values);`
      : `export const ${name} = /* @__PURE__ */ (() => nodeModule().${name})();`;
  });
  return `
    let loaded;
    const nodeModule = () => (loaded ??= process.getBuiltinModule('${path}'));
    ${exports.join('\n')}
  `;
}

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
  esbuildPlugins: [builtIn, lateNodeModules, licences],
  esbuildOptions(options, { format }) {
    if (format === 'cjs') options.define = { 'import.meta.url': '__filename' };
  },
} satisfies Options;

const library = {
  ...shared,
  format: ['esm', 'cjs'],
  // Names stay, for stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
} satisfies Options;

const filesWithLocks = { index: 'src/index.ts', keyring: 'src/options/keyring.ts' };
const otherFiles = {
  axios: 'src/adapters/axios/index.ts',
  fetch: 'src/adapters/fetch/index.ts',
  ky: 'src/adapters/ky/index.ts',
  opentelemetry: 'src/adapters/opentelemetry/index.ts',
  redis: 'src/stores/redis/index.ts',
  testing: 'src/testing/index.ts',
};

export default defineConfig([
  // Each file more that an import has to find costs as much time as 20 KB of code: the parts that several need
  // are in each of them, except for the lock, which makes most of two.
  {
    ...library,
    entry: filesWithLocks,
    splitting: true,
    clean: true,
    dts: {
      entry: { ...filesWithLocks, ...otherFiles },
      banner: '/// <reference types="node" />',
    },
  },
  { ...library, entry: otherFiles, splitting: false },
  {
    ...shared,
    entry: { 'tt-token': 'src/cli/main.ts' },
    format: ['esm'],
    // A command starts anew each time: all that --verify needs is in one file, manager and keyring store in the library's.
    splitting: false,
    minify: true,
    // Tells tools that this is a module: minified, it has no other statement that does.
    footer: { js: 'export {};' },
    // It would drop the footer.
    treeshake: false,
    esbuildPlugins: [
      ...shared.esbuildPlugins,
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

import { resolve } from 'node:path';
import { defineConfig, type Options } from 'tsup';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

const lazyCrypto: Plugin = {
  name: 'lazy-crypto-for-uuid',
  setup({ onResolve }) {
    onResolve({ filter: /^crypto$/ }, () => ({ path: resolve('src/base/lazy-crypto.ts') }));
  },
};

const shared = {
  target: 'node20',
  sourcemap: false,
  treeshake: true,
  // One file less to find, or a dozen, is half of the time that an import takes.
  noExternal: ['uuid'],
  esbuildPlugins: [lazyCrypto],
} satisfies Options;

export default defineConfig([
  {
    ...shared,
    entry: {
      index: 'src/index.ts',
      axios: 'src/adapters/axios/index.ts',
      fetch: 'src/adapters/fetch/index.ts',
      ky: 'src/adapters/ky/index.ts',
      keyring: 'src/stores/keyring/index.ts',
      redis: 'src/stores/redis/index.ts',
      testing: 'src/testing/index.ts',
    },
    format: ['esm', 'cjs'],
    splitting: true,
    shims: true,
    dts: true,
    clean: true,
  },
  {
    ...shared,
    entry: { 'tt-token': 'src/cli/main.ts' },
    format: ['esm'],
    // A command starts anew each time: all that --verify needs is in one file, manager and keyring store in the library's.
    splitting: false,
    minify: true,
    // esbuild does without: rollup would drop the second line as well.
    treeshake: false,
    // The second line of a file that a shell starts: Node itself would take --env-file, without the `--`.
    banner: { js: `':' //; exec node -- "$0" "$@"` },
    esbuildPlugins: [
      lazyCrypto,
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

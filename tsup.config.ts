import { defineConfig, type Options } from 'tsup';

const shared = {
  target: 'node20',
  splitting: true,
  sourcemap: false,
  treeshake: true,
  shims: true,
  // One file less to find, or a dozen, is half of the time that an import takes.
  noExternal: ['uuid'],
} satisfies Options;

export default defineConfig([
  {
    ...shared,
    entry: {
      index: 'src/index.ts',
      axios: 'src/adapters/axios.ts',
      fetch: 'src/adapters/fetch.ts',
      ky: 'src/adapters/ky.ts',
      testing: 'src/testing/index.ts',
    },
    format: ['esm', 'cjs'],
    dts: true,
    clean: true,
  },
  {
    ...shared,
    entry: { 'tt-token': 'src/cli/main.ts' },
    format: ['esm'],
  },
]);

import { defineConfig } from 'tsup';

const shared = {
  target: 'node20',
  splitting: true,
  sourcemap: false,
  treeshake: true,
  shims: true,
} as const;

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
    // A command starts anew each time: one file less to find, or a dozen, is what its user feels.
    noExternal: ['uuid'],
  },
]);

import commonjs from '@rollup/plugin-commonjs';
import json from '@rollup/plugin-json';
import nodeResolve from '@rollup/plugin-node-resolve';

export default {
  input: process.env.MATRIX_SOURCE,
  output: {
    dir: process.env.MATRIX_OUT,
    entryFileNames: 'app.mjs',
    chunkFileNames: '[name]-[hash].mjs',
  },
  plugins: [
    nodeResolve({ preferBuiltins: true, exportConditions: ['node'] }),
    commonjs({ ignoreTryCatch: false }),
    json(),
  ],
};

import commonjs from '@rollup/plugin-commonjs';
import json from '@rollup/plugin-json';
import nodeResolve from '@rollup/plugin-node-resolve';

export default {
  input: process.env.MATRIX_SOURCE,
  output: { file: `${process.env.MATRIX_OUT}/app.mjs`, inlineDynamicImports: true },
  plugins: [
    nodeResolve({ preferBuiltins: true, exportConditions: ['node'] }),
    commonjs({ ignoreTryCatch: false }),
    json(),
  ],
};

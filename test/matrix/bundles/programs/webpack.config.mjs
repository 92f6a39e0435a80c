import webpack from 'webpack';

const isModule = process.env.MATRIX_SOURCE.endsWith('.mjs');

export default {
  mode: 'production',
  target: 'node20',
  entry: process.env.MATRIX_SOURCE,
  output: {
    path: process.env.MATRIX_OUT,
    filename: isModule ? 'app.mjs' : 'app.cjs',
    module: isModule,
  },
  experiments: { outputModule: isModule },
  plugins: [new webpack.optimize.LimitChunkCountPlugin({ maxChunks: 1 })],
};

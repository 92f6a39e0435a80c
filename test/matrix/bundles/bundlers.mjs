// The bundlers: each is called as its users call it, and gives the files it made, by the path of the program.
import { join } from 'node:path';
import { succeed } from '../lib/processes.mjs';

const bin = (set, path) => join(set, 'node_modules', path);
const esbuildOptions = ['--bundle', '--platform=node', '--log-level=warning'];

const esbuild = (source, format, ...more) =>
  async function bundle({ set, project, out }) {
    const extension = format === 'esm' ? 'mjs' : 'cjs';
    const outfile = join(out, `app.${extension}`);
    const options = [...esbuildOptions, `--format=${format}`, `--outfile=${outfile}`, ...more];
    await succeed(bin(set, 'esbuild/bin/esbuild'), [source, ...options], { cwd: project });
    return outfile;
  };

/** A bundler with a configuration file of its own, which reads MATRIX_SOURCE and MATRIX_OUT. */
const configured = (path, args, source, output) =>
  async function bundle({ set, project, out }) {
    const env = { ...process.env, MATRIX_SOURCE: source, MATRIX_OUT: out };
    await succeed(process.execPath, [bin(set, path), ...args], { cwd: project, env });
    return join(out, output);
  };

const ncc = (source, output) =>
  async function bundle({ set, project, out }) {
    const args = [
      bin(set, '@vercel/ncc/dist/ncc/cli.js'),
      'build',
      source,
      '--out',
      out,
      '--quiet',
    ];
    await succeed(process.execPath, args, { cwd: project });
    return join(out, output);
  };

const bun = (source, format, output) =>
  async function bundle({ set, project, out }) {
    const options = ['--target=node', `--format=${format}`, `--outfile=${join(out, output)}`];
    const file = bin(set, '@oven/bun-linux-x64/bin/bun');
    await succeed(file, ['build', source, ...options], { cwd: project });
    return join(out, output);
  };

const webpack = (source, output) =>
  configured('webpack/bin/webpack.js', ['--config', 'webpack.config.mjs'], source, output);

const rollup = (source, ...more) =>
  configured(
    'rollup/dist/bin/rollup',
    ['-c', 'rollup.config.mjs', '--silent', ...more],
    source,
    'app.mjs',
  );

/** All by name; each bundles the application of ES modules, of CommonJS, or both. */
export const bundlers = {
  'esbuild-esm': [esbuild('app.mjs', 'esm')],
  'esbuild-cjs': [esbuild('app.cjs', 'cjs')],
  'esbuild-minified': [
    esbuild('app.mjs', 'esm', '--minify'),
    esbuild('app.cjs', 'cjs', '--minify'),
  ],
  rollup: [rollup('app.mjs'), rollup('app.cjs')],
  'rollup-one-file': [rollup('app.mjs', '--inlineDynamicImports')],
  webpack: [webpack('./app.mjs', 'app.mjs'), webpack('./app.cjs', 'app.cjs')],
  ncc: [ncc('app.mjs', 'index.mjs'), ncc('app.cjs', 'index.cjs')],
  'vite-ssr': [
    configured('vite/bin/vite.js', ['build', '--config', 'vite.config.mjs'], 'app.mjs', 'app.mjs'),
  ],
  'bun-build': [bun('app.mjs', 'esm', 'app.mjs'), bun('app.cjs', 'cjs', 'app.cjs')],
};

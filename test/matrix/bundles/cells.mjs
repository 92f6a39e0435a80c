// A cell a bundler: what it made runs where there is no node_modules, in four processes.
import { fileURLToPath } from 'node:url';
import { shareOneToken } from '../lib/stand-in.mjs';
import { bundlers } from './bundlers.mjs';
import { checkNext } from './next.mjs';

const programs = fileURLToPath(new URL('programs', import.meta.url));

async function check(bundles, { installed, install, places }) {
  const set = await install('bundles');
  for (const bundle of bundles) {
    const project = await places.project(set, installed, programs);
    const out = await places.empty();
    const file = await bundle({ set, project, out });
    await shareOneToken({ installed, places, file: process.execPath, args: () => [file] });
  }
}

const nextCells = ['webpack', 'turbopack'].map((bundler) => ({
  name: `bundles/next-${bundler}`,
  check: (context) => checkNext(`--${bundler}`, context),
}));

const bundleCells = Object.entries(bundlers).map(([name, bundles]) => ({
  name: `bundles/${name}`,
  check: (context) => check(bundles, context),
}));

export default [...nextCells, ...bundleCells];

// A cell a program of somebody's that has the package in it: a client over its fetch, a web service around its manager.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { succeed } from '../lib/processes.mjs';

const programs = fileURLToPath(new URL('programs', import.meta.url));

async function check(program, { install, installed, places }) {
  const set = await install('frameworks');
  const project = await places.project(set, installed, programs);
  await succeed(process.execPath, [join(project, program)], { cwd: project });
}

export default ['ofetch', 'web-services'].map((name) => ({
  name: `frameworks/${name}`,
  check: (context) => check(`${name}.mjs`, context),
}));

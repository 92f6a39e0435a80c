// A cell a recipe of examples/recipes: `<name>.mjs` here runs it. What it imports is in the set `frameworks`, or in `next`.
import { readdirSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { succeed } from '../lib/processes.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const recipes = fileURLToPath(new URL('../../../examples/recipes', import.meta.url));

/** The check of a recipe, in a project beside a copy of the recipe.s files; it ends with 0 if all is well. */
async function check(name, { install, installed, places }) {
  const set = await install(name.startsWith('next') ? 'next' : 'frameworks');
  const project = await places.project(set, installed, join(recipes, name));
  await cp(join(here, `${name}.mjs`), join(project, `check-${name}.mjs`));
  const env = { ...process.env, MATRIX_SET: set, NEXT_TELEMETRY_DISABLED: '1' };
  const loader = ['--import', join(set, 'node_modules/tsx/dist/loader.mjs')];
  const args = name.startsWith('next') ? [] : loader;
  await succeed(process.execPath, [...args, `check-${name}.mjs`], { cwd: project, env });
}

/** What a newcomer does from the README on; `npm test` does it on its own Node. */
async function checkNewcomer({ install }) {
  const set = await install('runtimes');
  for (const node of ['node-20', 'node-24']) {
    const program = join(here, '../../newcomer/newcomer.mjs');
    await succeed(join(set, 'node_modules', node, 'bin/node'), [program]);
  }
}

const ofRecipes = readdirSync(here)
  .filter((file) => file.endsWith('.mjs') && file !== 'cells.mjs')
  .map((file) => file.replace('.mjs', ''))
  .map((name) => ({ name: `recipes/${name}`, check: (context) => check(name, context) }));

export default [...ofRecipes, { name: 'recipes/newcomer', check: checkNewcomer }];

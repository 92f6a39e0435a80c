// The workflows of .github cannot run here: actionlint reads them, and has to find a mistake that is put in.
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const workflows = fileURLToPath(new URL('../../../.github/workflows', import.meta.url));

async function check({ install }) {
  const set = await install('workflows');
  const { createLinter } = createRequire(join(set, 'package.json'))('actionlint');
  const lint = await createLinter();
  const problemsOf = (text, name) =>
    lint(text, `.github/workflows/${name}`).map(
      ({ line, column, message }) => `${name}:${line}:${column} ${message}`,
    );

  const problems = [];
  for (const name of await readdir(workflows)) {
    const text = await readFile(join(workflows, name), 'utf8');
    problems.push(...problemsOf(text, name));
    const spoiled = text.replace('runs-on:', 'runs-in:');
    assert.notDeepEqual(problemsOf(spoiled, name), [], `${name}: a planted mistake is not found`);
  }
  assert.deepEqual(problems, []);
}

export default [{ name: 'workflows/actionlint', check }];

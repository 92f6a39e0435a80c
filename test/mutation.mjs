// `npm run test:mutation [room ...]`: mutates rooms of src, runs their tests on each mutant, prints a score a room.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const rooms = ['tt', 'manager', 'stores/file', 'adapters/axios', 'adapters/!(axios)'];
const chosen = process.argv.slice(2);
const scores = [];

for (const room of chosen.length > 0 ? chosen : rooms) {
  const args = ['run', '--mutate', `src/${room}/**/*.ts,!src/stores/file/default-path.ts`];
  // A property that finds a mutant finds it soon.
  const env = { ...process.env, MUTATED_ROOM: room, PROPERTY_RUNS: '20' };
  const { status } = spawnSync('node_modules/.bin/stryker', args, { env, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  const { files } = JSON.parse(readFileSync('reports/mutation.json', 'utf8'));
  const mutants = Object.values(files).flatMap((file) => file.mutants);
  const count = (...states) => mutants.filter((mutant) => states.includes(mutant.status)).length;
  const killed = count('Killed', 'Timeout');
  const all = killed + count('Survived', 'NoCoverage');
  scores.push(`${room}: ${((100 * killed) / all).toFixed(1)} % (${killed} of ${all} mutants)`);
}
console.log(scores.join('\n'));

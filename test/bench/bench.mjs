// `npm run bench`: installs the package, as packed, beside the peers and measures it under Node 24.
// Arguments: names of scenarios (all without any), --full for the long form, and --ci for what CI runs.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const cwd = fileURLToPath(new URL('.', import.meta.url));

process.stderr.write('packing and installing\n');
// npm takes a package of the version that is installed for the same one.
await rm(new URL('node_modules/tt-token-manager', import.meta.url), {
  recursive: true,
  force: true,
});
const options = ['--no-save', '--install-links', '--no-audit', '--no-fund', '--prefer-offline'];
await promisify(execFile)('npm', ['install', ...options, '../..'], { cwd });

const bench = spawn('node_modules/node/bin/node', ['run.mjs', ...process.argv.slice(2)], {
  cwd,
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});
const [code] = await once(bench, 'exit');
process.exitCode = code ?? 1;

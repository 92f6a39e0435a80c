// What a newcomer does, from the README on: a new project, each snippet as a file, each line in a shell. It uses the Node
// that runs it, the tarball, and nothing of the registry. Prints nothing; fails with what went wrong.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'tt-newcomer-'));
process.once('exit', () => rmSync(home, { recursive: true, force: true }));

// Nothing of ours but the runtime: no variable of TT's, no cache of npm's with the package in it.
const env = {
  PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
  ...{ HOME: home, TMPDIR: home, NO_UPDATE_NOTIFIER: '1', npm_config_offline: 'true' },
  ...{ npm_config_audit: 'false', npm_config_fund: 'false', npm_config_loglevel: 'error' },
};

/** Runs a line as a shell would; gives what it printed and how it ended. */
function shell(line, cwd, more = {}, input = '') {
  const options = { cwd, env: { ...env, ...more }, encoding: 'utf8', timeout: 60_000, input };
  return spawnSync('sh', ['-c', line], options);
}

/** Runs a line that has to succeed; gives what it printed. */
function succeed(line, cwd, more) {
  const { status, stdout, stderr } = shell(line, cwd, more);
  assert.equal(status, 0, `${line}\n${stdout}${stderr}`);
  return stdout;
}

const read = (name) => readFileSync(join(root, name), 'utf8');
const blocksOf = (text, language) =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, code]) => code);

execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', home], {
  cwd: root,
  env,
  stdio: 'ignore',
});
const tarball = join(
  home,
  readdirSync(home).find((name) => name.endsWith('.tgz')),
);

/** The line with the tarball in the place of what the registry would be asked for. */
const installing = (line) =>
  line.replace(/(npm install )[^&\n]*/g, (_, command) => `${command}${tarball} `);

const readme = read('README.md');
const [toBegin, ...others] = blocksOf(readme, 'sh');
const [first, ...snippets] = blocksOf(readme, 'ts');

// Try it without an account.
const [install, startFake] = toBegin.trim().split('\n');
succeed(installing(install), home);
const project = join(home, 'try-tt');
assert.match(install, /npm install tt-token-manager axios$/);
symlinkSync(join(root, 'node_modules/axios'), join(project, 'node_modules/axios'));
// Any free port: the one of the file may be taken by another test.
const fakeFile = join(project, 'node_modules/tt-token-manager/examples/fake-tt.mjs');
const fakeText = readFileSync(fakeFile, 'utf8');
assert.match(fakeText, /port: 8787/);
writeFileSync(fakeFile, fakeText.replace('port: 8787', 'port: 0'));
const fake = spawn('sh', ['-c', `exec ${startFake}`], { cwd: project, env });
process.once('exit', () => fake.kill());
let printed = '';
fake.stderr.on('data', (text) => (printed += text));
while (printed.trim().split('\n').length < 5) {
  const [text] = await Promise.race([once(fake.stdout, 'data'), once(fake, 'exit')]);
  assert.ok(text instanceof Buffer, printed);
  printed += text;
}
writeFileSync(join(project, '.env'), printed);
writeFileSync(join(project, 'first.mjs'), first);
const [again] = others.shift().trim().split('\n');
assert.equal(succeed(again, project), 'token fetched\n3 markets\n');
assert.equal(succeed(again, project), '3 markets\n');

// Each other snippet is a file of its own; those of Redis and the keyring need more, and are run by test/examples.test.ts.
const examples = blocksOf(read('examples/README.md'), 'ts').filter(
  (code) => !/manager\/(redis|keyring)/.test(code),
);
assert.ok(snippets.length > 0 && examples.length > 1);
for (const [index, code] of [...snippets, ...examples].entries()) {
  const name = `snippet-${index + 1}.mjs`;
  writeFileSync(join(project, name), code);
  const stdout = succeed(`node --env-file=.env ${name}`, project, { MY_KEY: 'ab'.repeat(32) });
  for (const [, says] of code.matchAll(/\/\/ prints (\S+)/g))
    assert.ok(stdout.includes(says), stdout);
}

// Each other line, with the variables in the shell.
const variables = Object.fromEntries(
  printed
    .trim()
    .split('\n')
    .map((line) => line.split(/=(.*)/s)),
);
for (const block of others) {
  if (block.includes('curl') && shell('curl --version', project).status !== 0) continue;
  const stdout = succeed(`set -e\n${installing(block)}`, project, variables);
  if (block.includes('curl')) assert.match(stdout, /FAKE-A/);
}

// Each call of the command in code font, as it stands there.
const documents = ['README.md', 'SECURITY.md', 'examples/README.md'].map(read).join('\n');
const calls = [...documents.matchAll(/`(npx [^`\n]*tt-token[^`\n]*)`/g)].map(([, call]) => call);
assert.ok(calls.length > 2, `${calls.length} calls`);
for (const call of new Set(calls)) {
  assert.match(call, /^npx --no -- tt-token/);
  const verify = shell(`${call} --verify --token-file absent.json`, project);
  // A verb such as login takes no --verify, and says so itself.
  const isVerb = !call.endsWith('tt-token');
  assert.equal(verify.status, isVerb ? 2 : 3, `${call}: ${verify.stdout}${verify.stderr}`);
  if (!isVerb) assert.match(succeed(`${call} --output token`, project), /^fake-token-\w+\n$/);
}

// Each call in the README's table of the command, with and without what is in brackets, ends as the table says.
const rows = readme.split('\n').filter((line) => line.startsWith('| `tt-token'));
assert.equal(rows.length, 7);
const onPath = [join(project, 'node_modules/.bin'), env.PATH].join(delimiter);
for (const row of rows) {
  const [first, , exits] = row.slice(1, -1).split('|');
  const [call, verb] = [...first.matchAll(/`([^`]+)`/g)].map(([, code]) => code);
  const forms = [call.replace(/ \[.*/, ''), call.replace(/[[\]]/g, '')];
  if (verb) forms[1] = `tt-token ${verb}`;
  const allowed = [...exits.matchAll(/\b\d\b/g)].map(([code]) => Number(code));
  for (const form of new Set(forms)) {
    const line = form.replace('<n>', '60').replace('<path>', 'bearer.txt');
    if (form.includes('keep')) await keepUntilEnded(line);
    else {
      const { status, stdout, stderr } = shell(
        line,
        project,
        { PATH: onPath },
        'a-token-of-nobody\n',
      );
      const isAllowed = /log(in|out)/.test(form) ? allowed.includes(status) : status === 0;
      assert.ok(isAllowed, `${line} ended with ${status}: ${stdout}${stderr}`);
    }
  }
}
assert.match(readFileSync(join(project, 'bearer.txt'), 'utf8'), /^fake-token-\w+$/);

/** Starts `keep`, and ends it when it has a token. */
async function keepUntilEnded(line) {
  const keep = spawn('sh', ['-c', `exec ${line}`], { cwd: project, env: { ...env, PATH: onPath } });
  let said = '';
  keep.stderr.on('data', (text) => (said += text));
  const ended = once(keep, 'exit');
  while (!said.includes('token valid until')) {
    await Promise.race([once(keep.stderr, 'data'), ended.then(() => assert.fail(said))]);
  }
  keep.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null], said);
}
fake.kill();

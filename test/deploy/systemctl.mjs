// `systemctl enable --now <unit>` of a machine without systemd: starts the service as the lines of its unit say, and
// notes its process ID.
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

const [, , command, option, name] = process.argv;
if (command !== 'enable' || option !== '--now') throw new Error(`not known: ${command} ${option}`);

const lines = readFileSync(`/etc/systemd/system/${name}.service`, 'utf8').split('\n');
const all = (key) =>
  lines.filter((l) => l.startsWith(`${key}=`)).map((l) => l.slice(key.length + 1));
const [user] = all('User');
const idOf = (flag) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
const [uid, gid] = [idOf('-u'), idOf('-g')];
const credentials = `/run/credentials/${name}.service`;

function ownFolder(path, mode) {
  mkdirSync(path, { recursive: true });
  chownSync(path, uid, gid);
  chmodSync(path, mode);
}

for (const [key, base] of [
  ['StateDirectory', '/var/lib'],
  ['RuntimeDirectory', '/run'],
]) {
  const [mode = '0755'] = all(`${key}Mode`);
  for (const folder of all(key)) ownFolder(`${base}/${folder}`, parseInt(mode, 8));
}
ownFolder(credentials, 0o500);
for (const [id, source] of all('LoadCredential').map((pair) => pair.split(':'))) {
  copyFileSync(source, `${credentials}/${id}`);
  chownSync(`${credentials}/${id}`, uid, gid);
  chmodSync(`${credentials}/${id}`, 0o400);
}

const expanded = (text) => text.replace('%d', credentials).replace('%S', '/var/lib');
const fromFiles = all('EnvironmentFile').flatMap((file) =>
  readFileSync(file, 'utf8').trim().split('\n'),
);
const pairs = [...fromFiles, ...all('Environment').map(expanded)].map((pair) =>
  pair.split(/=(.*)/s),
);
const [program, ...args] = all('ExecStart')[0].split(' ');
const service = spawn(program, args, {
  ...{ uid, gid, cwd: '/', detached: true, stdio: ['ignore', 'ignore', 'inherit'] },
  env: { ...Object.fromEntries(pairs), PATH: `${dirname(process.execPath)}:/usr/bin:/bin` },
});
service.unref();
writeFileSync(`/run/${name}.pid`, `${service.pid}`);

import { execFile, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { markets } from '../adapters/setup.js';
import { startFakeTT } from '../../src/testing/index.js';

const exec = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

const units = fileURLToPath(new URL('../../examples/deploy/systemd', import.meta.url));
const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0;
if (!hasAnalyze) console.warn('skipped: the check of units needs systemd-analyze (systemd)');

/** What systemd-analyze says of a unit; its program is replaced by one that is on this machine. */
async function complaintsOf(unit: string, change = (text: string) => text): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tt-units-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const text = await readFile(join(units, unit), 'utf8');
  const here = text.replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`);
  await writeFile(join(folder, unit), change(here));
  const verify = spawnSync('systemd-analyze', ['verify', join(folder, unit)], { encoding: 'utf8' });
  return verify.stdout + verify.stderr;
}

/** The lines about the unit itself: others are about units of the machine. */
function about(unit: string, complaints: string): string[] {
  return complaints.split('\n').filter((line) => line.includes(unit));
}

describe.skipIf(!hasAnalyze).each(['tt-service.service', 'tt-token.service'])('%s', (unit) => {
  it('is a unit without fault', async () => {
    expect(about(unit, await complaintsOf(unit))).toEqual([]);
  });

  it('would not be with a directive that systemd does not know', async () => {
    const misspelt = (text: string) => text.replace('StateDirectory=', 'StateFolder=');
    expect(about(unit, await complaintsOf(unit, misspelt))).toHaveLength(1);
  });
});

it('no unit holds a secret', async () => {
  for (const unit of ['tt-service.service', 'tt-token.service']) {
    const text = await readFile(join(units, unit), 'utf8');
    expect(text).toMatch(/^LoadCredential=tt-secret:/m);
    expect(text).not.toMatch(/^Environment=.*TT_API_SECRET=/m);
  }
});

/** Root's own view of the folders that the commands change, and of processes; all of it ends with the shell. */
const apart = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
const canBeApart = spawnSync('unshare', [...apart, 'true']).status === 0;
if (!canBeApart) console.warn('skipped: the commands of systemd/README.md need root and mounts');

it.skipIf(!canBeApart)(
  'the commands of the README start the service, one line after the other',
  async () => {
    const tt = await startFakeTT();
    onTestFinished(() => tt.close());
    const folder = await mkdtemp(join(tmpdir(), 'tt-systemd-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await exec('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root });
    const [packed = ''] = await readdir(folder);
    const stub = fileURLToPath(new URL('systemctl.mjs', import.meta.url));
    await writeFile(join(folder, 'systemctl'), `#!/bin/sh\nexec node '${stub}' "$@"\n`, {
      mode: 0o755,
    });

    const readme = await readFile(join(units, 'README.md'), 'utf8');
    const [, block = ''] = /```sh\n(.*?)\n```/s.exec(readme) ?? [];
    const [user, install, etc, secret, names, start, call, ...others] = block
      .replaceAll('<app key>', tt.apiKey)
      .replace('<url>', tt.url + markets)
      .replace('<a new one>', `Acme-MyApp--${randomUUID()}`)
      .replace(/ tt-token-manager$/m, ` '${join(folder, packed)}'`)
      .split('\n');
    expect(others).toEqual([]);
    const script = `
    set -euo pipefail
    mount -t tmpfs tmpfs /mnt
    for path in etc opt var/lib; do
      mkdir -p /mnt/$path/{upper,work}
      mount -t overlay overlay -o lowerdir=/$path,upperdir=/mnt/$path/upper,workdir=/mnt/$path/work /$path
    done
    mount -t tmpfs -o mode=755 tmpfs /run
    ${user}
    ${install}
    ${etc}
    { ${secret}
    } <<< '${tt.apiSecret}'
    ${names}
    echo 'TT_BASE_URL=${tt.url}' >> /etc/tt-token/names
    ${start}
    service=$(cat /run/tt-token.pid)
    until [ -s /run/tt-token/token ]; do kill -0 $service; sleep 0.05; done
    ${call}
    echo
    stat -c '%U %a %n' /etc/tt-token/secret /run/tt-token /run/tt-token/token /var/lib/tt-token/token.json
    kill $service
    while kill -0 $service 2>/dev/null; do sleep 0.05; done
    ls /run/tt-token /var/lib/tt-token`;
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}:/usr/sbin:/sbin` };
    const { stdout } = await exec('unshare', [...apart, 'bash', '-c', script], { cwd: units, env });
    expect(stdout).toContain('FAKE-A');
    expect(stdout).toContain('root 400 /etc/tt-token/secret');
    expect(stdout).toContain('tt-token 700 /run/tt-token');
    expect(stdout).toContain('tt-token 600 /run/tt-token/token');
    expect(stdout).toContain('tt-token 600 /var/lib/tt-token/token.json');
    expect(tt.tokenRequests).toHaveLength(1);
  },
);

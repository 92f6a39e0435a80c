import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

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

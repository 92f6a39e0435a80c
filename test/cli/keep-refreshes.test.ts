import { execFile, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { firstOf, isFull } from '../helpers/full.js';
import { createPlace } from './command.js';
import { newToken, startKeep } from './keeper.js';

const refreshes = isFull ? 10 : 3;
/** A token is replaced in the second half of its life: a busy machine needs that long to read and to send it. */
const tokenLifetimeSeconds = isFull ? 4 : 2;
/** How programs in other languages read the file. */
const clients: readonly (readonly [string, readonly string[]])[] = [
  ['sh', ['-c', 'cat "$0"']],
  ['python3', ['-c', 'import sys; print(open(sys.argv[1]).read(), end="")']],
];

function isInstalled([client]: (typeof clients)[number]): boolean {
  return spawnSync(client, ['-c', '']).status === 0;
}

describe('tt-token keep, twice', () => {
  it.each(firstOf(1, clients.filter(isInstalled)))(
    `gives %s a token for each call across ${refreshes} refreshes, and costs what one keep costs`,
    async (client, args) => {
      const place = await createPlace({ tokenLifetimeSeconds });
      const { fake } = place;
      const file = join(place.folder, 'bare');
      const keepers = [
        startKeep(place, ['--write', file]),
        startKeep(place, ['--write', `${file}-2`]),
      ];
      for (const { printed } of keepers) await printed(newToken);
      await expect.poll(() => readFile(file, 'utf8').catch(() => '')).not.toBe('');
      while (fake.tokenRequests.length <= refreshes) {
        const { stdout: token } = await promisify(execFile)(client, [...args, file]);
        const url = `${fake.url}/ttpds/ext_uat_cert/markets?requestId=a-b--${randomUUID()}`;
        const headers = { 'x-api-key': fake.apiKey, authorization: `Bearer ${token}` };
        expect((await fetch(url, { headers })).status).toBe(200);
      }
      for (const { child, end, stderr } of keepers) {
        child.kill('SIGTERM');
        expect((await end).code).toBe(0);
        expect(stderr()).not.toContain('warning');
      }
      const tokens = fake.tokenRequests.map(({ accessToken }) => accessToken);
      expect(new Set(tokens).size).toBe(tokens.length);
      const [first, last] = [fake.tokenRequests[0]?.at ?? 0, fake.tokenRequests.at(-1)?.at ?? 0];
      // Two that do not share would ask twice as often.
      expect((last - first) / (tokens.length - 1)).toBeGreaterThan(400 * tokenLifetimeSeconds);
    },
    120_000,
  );
});

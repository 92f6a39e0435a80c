import fc from 'fast-check';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTokenManager, fileStore, type StoreIdentity } from '../../src/index.js';
import { recordFormat } from '../../src/records/format.js';
import { readRecord, type SharedState } from '../../src/records/record.js';
import { isUsable } from '../../src/base/token.js';
import { fingerprint } from '../../src/tt/credentials.js';
import { grantingFetch } from '../helpers/granting-fetch.js';
import { apiKey, apiSecret, startOfTime as now } from '../manager/setup.js';
import { changed, changesAround, json } from './records.js';
import { runs } from './runs.js';
import { soundParts } from './sound-parts.js';

const owner: StoreIdentity = {
  environment: 'UAT',
  baseUrl: 'https://ttrestapi.trade.tt/',
  keyFingerprint: fingerprint(apiKey),
};
const state: SharedState = {
  token: {
    accessToken: 'stored',
    tokenType: 'bearer',
    obtainedAt: now - 5_000,
    expiresAt: now + 86_400_000,
  },
  spacing: { refreshedAt: now - 5_000, waitMs: 2_000 },
};
const largestFile = 262_144;

/** Bytes that come near a good record, and bytes that do not. */
const goodText = changesAround(now).map((changes) =>
  JSON.stringify(changed(owner, state, changes)),
);
const spoiltBytes = fc
  .tuple(
    goodText,
    fc.array(fc.tuple(fc.nat(), fc.nat(1), fc.uint8Array({ maxLength: 3 })), { maxLength: 3 }),
  )
  .map(([text, edits]) =>
    edits.reduce((bytes, [place, removed, added]) => {
      const at = place % (bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)]);
    }, Buffer.from(text)),
  );
const cutBytes = fc
  .tuple(goodText, fc.nat())
  .map(([text, length]) => Buffer.from(text.slice(0, length % (text.length + 1))));
const oddBytes = fc.oneof(
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  json.map((value) => Buffer.from(JSON.stringify(value))),
  goodText.map((text) => Buffer.from(`\ufeff${text}`)),
  goodText.map((text) => Buffer.from(text, 'utf16le')),
  goodText.map((text) => Buffer.from(`${text}${text}`)),
  goodText.map((text) => Buffer.from(text.padEnd(largestFile))),
  goodText.map((text) => Buffer.from(text.padEnd(largestFile + 1))),
  fc.constantFrom('['.repeat(100_000), '{"token":'.repeat(20_000)).map((text) => Buffer.from(text)),
);
const goodBytes = goodText.map((text) => Buffer.from(`${text}\n`));
const content = fc.oneof(goodBytes, spoiltBytes, cutBytes, oddBytes);

/** What the bytes say, by the book. */
function parsed(bytes: Buffer): unknown {
  if (bytes.length > largestFile) return undefined;
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

describe('a token file with any content', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    vi.useFakeTimers({ now, toFake: ['Date'] });
    folder = await mkdtemp(join(tmpdir(), 'tt-token-'));
    path = join(folder, 'token.json');
  });

  afterEach(async () => {
    vi.useRealTimers();
    await rm(folder, { recursive: true });
  });

  it('is read as it is, up to 256 KiB, and as the record that it holds, or as none', async () => {
    const store = fileStore({ path }).open(owner);
    const property = async (bytes: Buffer): Promise<void> => {
      await writeFile(path, bytes);
      const text = await store.read();
      expect(text).toBe(bytes.length > largestFile ? undefined : bytes.toString());
      const raw = await recordFormat(owner, undefined).parse(text ?? '');
      expect(readRecord(raw, owner, now)).toStrictEqual(soundParts(parsed(bytes), owner, now));
    };
    await fc.assert(fc.asyncProperty(content, property), runs(300));
  });

  it('gives a manager the token in it or none, and is whole again once one was fetched', async () => {
    const property = async (bytes: Buffer): Promise<void> => {
      await writeFile(path, bytes);
      const { fetch, granted } = grantingFetch();
      await using manager = createTokenManager({
        ...{ apiKey, apiSecret, appName: 'App', companyName: 'Company' },
        ...{ store: fileStore({ path }), fetch, autoRefresh: false },
      });
      const found = soundParts(parsed(bytes), owner, now);
      const stored = found?.token && isUsable(found.token, now) ? found.token : undefined;
      expect((await manager.status()).exists).toBe(found?.token !== undefined);
      const token = await manager.getToken();
      expect(granted()).toBe(stored ? 0 : 1);
      expect(token.accessToken).toBe(stored?.accessToken ?? 'token-1');
      if (stored) return;
      expect(readRecord(JSON.parse(await readFile(path, 'utf8')), owner, now)?.token).toEqual(
        token,
      );
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      expect(await readdir(folder)).toEqual(['token.json']);
    };
    await fc.assert(fc.asyncProperty(content, property), runs(150));
  });
});

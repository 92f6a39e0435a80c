// npm run demo: the workers of an application, each with callers on axios, ky and fetch, share one token of a stand-in
// for the TT REST API. A token is revoked, and a worker killed in the middle of a refresh. Prints what happens, then a
// table; fails if a promise was broken.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFakeTT } from 'tt-token-manager/testing';
import { createCrew } from './crew.js';
import { gatherFacts } from './facts.js';
import { createJournal } from './journal.js';
import { play } from './play.js';
import { brokenPromises, table } from './report.js';

const workers = 4;
const callersPerClient = 8;
const lifetimeMs = 5_000;
const giveUpAfterMs = 120_000;

/** Rejects when the demo is interrupted, or takes so long that something must have gone wrong. */
function givenUp(): Promise<never> {
  return new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => reject(new Error(`interrupted by ${signal}`)));
    }
    setTimeout(
      () => reject(new Error(`not done after ${giveUpAfterMs / 1_000} s`)),
      giveUpAfterMs,
    ).unref();
  });
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tt-token-demo-'));
  const tokenFile = join(folder, 'token.json');
  const tt = await startFakeTT({
    tokenLifetimeSeconds: lifetimeMs / 1_000,
    latencyMs: 150,
    apiLatencyMs: 100,
  });
  const journal = createJournal((line) => console.log(line));
  const environment = {
    TT_API_KEY: tt.apiKey,
    TT_API_SECRET: tt.apiSecret,
    TT_COMPANY_NAME: 'Demo',
    TT_ENVIRONMENT: 'UAT',
    TT_BASE_URL: tt.url,
    TT_TOKEN_FILE: tokenFile,
  };
  const crew = createCrew({ environment, callersPerClient, onEvent: journal.add });
  try {
    const playing = play({ tt, crew, journal, tokenFile, workers, callersPerClient, lifetimeMs });
    const run = await Promise.race([playing, crew.lost, givenUp()]);
    const facts = gatherFacts(run);
    console.log(`\n${table(facts, run)}\n`);
    const broken = brokenPromises(facts, run);
    for (const promise of broken) console.error(`BROKEN: ${promise}`);
    if (broken.length > 0) process.exitCode = 1;
    else console.log('Every promise was kept.');
  } finally {
    await crew.killAll();
    await tt.close();
    await rm(folder, { recursive: true, force: true });
  }
}

await main().catch((error: unknown) => {
  console.error(`demo: ${error instanceof Error ? error.message : 'failed'}`);
  process.exitCode = 1;
});

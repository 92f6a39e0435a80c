import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { FakeTT } from 'tt-token-manager/testing';
import type { Crew } from './crew.js';
import type { Run } from './facts.js';
import type { Entry, Journal } from './journal.js';

/** What the demo is played with. */
export interface Stage {
  readonly tt: FakeTT;
  readonly crew: Crew;
  readonly journal: Journal;
  readonly tokenFile: string;
  readonly workers: number;
  readonly callersEach: number;
  readonly lifetimeMs: number;
}

/** So many are fetched only by workers that do not share them. */
const tooManyTokens = 10;

/** Four tokens one after the other; the worker that fetches the third is killed in the middle of it. */
export async function play(stage: Stage): Promise<Run> {
  const { tt, crew, journal, tokenFile, workers, callersEach, lifetimeMs } = stage;
  journal.say(
    `${workers} workers of ${callersEach} callers each start; a token lives ${lifetimeMs / 1_000} s`,
  );
  for (let count = 0; count < workers; count++) crew.start();
  await journal.until((entries) => fetchedTokens(entries).length === 2);

  const release = tt.holdTokenRequests();
  await tt.waitForTokenRequests(3);
  const killed = requester(tt, crew, 2);
  journal.say(`${killed} asks for token 3, and the token endpoint stalls`);
  await journal.until((entries) => crew.alive().every((worker) => isWaiting(entries, worker)));
  await pause(200);
  journal.say(`${killed} gets SIGKILL in the middle of its token request`);
  const killedAt = Date.now();
  await crew.kill(killed);
  release();
  journal.say(`the token endpoint answers again, and ${crew.start()} replaces ${killed}`);

  await journal.until((entries) => {
    const tokens = fetchedTokens(entries);
    const areShared = holdersOf(entries, tokens.at(-1)) === workers;
    return (tokens.length >= 4 && areShared) || tokens.length >= tooManyTokens;
  });
  await pause(300);
  journal.say('the workers have nothing left to do');
  const notEnded = await crew.stop();
  const files = await readdir(dirname(tokenFile));
  const leftovers = files.filter((name) => name !== basename(tokenFile));
  const { entries } = journal;
  return {
    ...{ tt, entries, lifetimeMs, callersEach, killed, killedAt, notEnded, leftovers },
    workersStarted: crew.size(),
  };
}

/** When the tokens that were fetched so far were obtained, in the order in which it was told. */
function fetchedTokens(entries: readonly Entry[]): readonly number[] {
  return entries.flatMap(({ event }) => (event.kind === 'refreshed' ? event.obtainedAt : []));
}

function holdersOf(entries: readonly Entry[], obtainedAt: number | undefined): number {
  return entries.filter(
    ({ event }) =>
      (event.kind === 'refreshed' || event.kind === 'adopted') && event.obtainedAt === obtainedAt,
  ).length;
}

/** Whether callers of a worker have begun to wait for a token, and wait still. */
function isWaiting(entries: readonly Entry[], worker: string): boolean {
  const waits = entries.filter(
    (entry) =>
      entry.worker === worker && (entry.event.kind === 'waiting' || entry.event.kind === 'waited'),
  );
  return waits.at(-1)?.event.kind === 'waiting';
}

/** The worker that sent the token request of this number, counted from 0. */
function requester(tt: FakeTT, crew: Crew, index: number): string {
  const requestId = tt.tokenRequests[index]?.requestId ?? '';
  const found = crew.alive().find((worker) => requestId.startsWith(`${worker}-`));
  if (!found) throw new Error(`no worker sent token request ${index + 1}`);
  return found;
}

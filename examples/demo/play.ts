import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { FakeTT } from 'tt-token-manager/testing';
import type { Crew } from './crew.js';
import { byClient, type Run } from './facts.js';
import { fetchedTokens, type Journal } from './journal.js';

/** What the demo is played with. */
export interface Stage {
  readonly tt: FakeTT;
  readonly crew: Crew;
  readonly journal: Journal;
  readonly tokenFile: string;
  readonly workers: number;
  readonly callersPerClient: number;
  readonly lifetimeMs: number;
}

/** So many are fetched only by workers that do not share them. */
const tooManyTokens = 10;

/** Five tokens one after the other: the second is revoked, and who fetches the fourth is killed in the middle of it. */
export async function play(stage: Stage): Promise<Run> {
  const { tt, crew, journal, tokenFile, workers, callersPerClient, lifetimeMs } = stage;
  journal.say(
    `${workers} workers start; in each, ${callersPerClient} callers use axios, ${callersPerClient} ky and ` +
      `${callersPerClient} fetch; a token lives ${lifetimeMs / 1_000} s`,
  );
  for (let count = 0; count < workers; count++) crew.start();
  await tokenIsShared(2);
  await pause(500);

  const underWay = tt.requests.filter(({ status }) => status === undefined).length;
  const revokedAt = Date.now();
  tt.revokeAll();
  journal.say(`the API revokes token 2, with ${underWay} calls under way`);
  await tokenIsShared(3);
  await pause(500);
  const refused = tt.requests.filter(({ status }) => status === 401);
  journal.say(`${refused.length} calls were refused (${byClient(refused)}) and sent again`);

  const release = tt.holdTokenRequests();
  await tt.waitForTokenRequests(tt.tokenRequests.length + 1);
  const killed = requester(tt, crew);
  journal.say(`${killed} asks for token 4, and the token endpoint stalls`);
  // Callers wait from a tenth of a token's life before its end; soon after it, all of them do.
  const expiresAt = fetchedTokens(journal.entries).at(-1)?.expiresAt ?? 0;
  await pause(expiresAt + 100 - Date.now());
  journal.say(`token 3 has expired; ${killed} gets SIGKILL in the middle of its token request`);
  const killedAt = Date.now();
  await crew.kill(killed);
  release();
  journal.say(`the token endpoint answers again, and ${crew.start()} replaces ${killed}`);

  await tokenIsShared(5);
  await pause(300);
  journal.say('the workers have nothing left to do');
  const notEnded = await crew.stop();
  const files = await readdir(dirname(tokenFile));
  return {
    ...{ tt, lifetimeMs, callersPerClient, revokedAt, killed, killedAt, notEnded },
    entries: journal.entries,
    workersStarted: workers + 1,
    leftovers: files.filter((name) => name !== basename(tokenFile)),
  };

  /** Waits until so many tokens were fetched, and every worker has the newest. */
  async function tokenIsShared(count: number): Promise<void> {
    await journal.until(() => {
      const tokens = fetchedTokens(journal.entries);
      const newest = tokens.at(-1)?.obtainedAt;
      const holders = journal.entries.filter(
        ({ worker, event }) =>
          (event.kind === 'refreshed' || event.kind === 'adopted') &&
          event.obtainedAt === newest &&
          crew.alive().includes(worker),
      );
      const isShared = holders.length === workers;
      return (tokens.length >= count && isShared) || tokens.length >= tooManyTokens;
    });
  }
}

/** The worker that sent the latest token request. */
function requester(tt: FakeTT, crew: Crew): string {
  const requestId = tt.tokenRequests.at(-1)?.requestId ?? '';
  const found = crew.alive().find((worker) => requestId.startsWith(`${worker}-`));
  if (!found) throw new Error('no worker that lives sent the latest token request');
  return found;
}

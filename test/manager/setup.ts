import { afterEach, beforeEach, vi } from 'vitest';
import {
  createTokenManager,
  memoryStore,
  type TokenManager,
  type TokenManagerEventName,
  type TokenManagerOptions,
} from '../../src/index.js';
import { eventNames } from '../../src/manager/events.js';
import { heldFetch, type HeldRequest } from '../helpers/held-fetch.js';

/** The instant at which every test starts. */
export const startOfTime = 1_700_000_000_000;
export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

export const apiKey = 'K7pQz2Lm-9XwTr4Vb-Hn6Gy1Sd';
export const apiSecret = 'Zq8!vR3@uJ5?tN1~fB7;cM9,xW2';

/** An event as a listener got it. */
export interface SeenEvent {
  readonly name: TokenManagerEventName;
  readonly event: object;
}

/** A manager on a held fetch, and what is seen of it. */
export interface Started {
  readonly manager: TokenManager;
  readonly requests: readonly HeldRequest[];
  readonly events: SeenEvent[];
  /** How many events of a name there have been. */
  count(name: TokenManagerEventName): number;
  /** The last event of a name. */
  last(name: TokenManagerEventName): object | undefined;
}

const started: TokenManager[] = [];

/** Fakes the clock for every test of a file, and closes its managers afterwards. */
export function useFakeClock(): void {
  beforeEach(() => {
    vi.useFakeTimers({ now: startOfTime });
    vi.spyOn(Math, 'random').mockReturnValue(0);
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((manager) => manager.close()));
    vi.useRealTimers();
    vi.restoreAllMocks();
  });
}

/** Lets everything run that needs no time. */
export async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

/** Lets time pass. */
export async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

/** Starts a manager with a fetch and a memory store of its own, and without autoRefresh. */
export function start(options: Partial<TokenManagerOptions> = {}): Started {
  const { fetch, requests } = heldFetch();
  const manager = createTokenManager({
    apiKey,
    apiSecret,
    appName: 'App',
    companyName: 'Company',
    store: memoryStore(),
    fetch,
    autoRefresh: false,
    ...options,
  });
  started.push(manager);
  const events: SeenEvent[] = [];
  for (const name of eventNames) manager.on(name, (event) => events.push({ name, event }));
  return {
    manager,
    requests,
    events,
    count: (name) => events.filter((seen) => seen.name === name).length,
    last: (name) => events.findLast((seen) => seen.name === name)?.event,
  };
}

/** Starts managers that share one store, and one fetch, as so many processes would. */
export function startAll(
  number: number,
  options: Partial<TokenManagerOptions> = {},
): { managers: readonly Started[]; requests: readonly HeldRequest[] } {
  const { fetch, requests } = heldFetch();
  const store = memoryStore();
  const managers = Array.from({ length: number }, () => start({ store, fetch, ...options }));
  return { managers, requests };
}

/** The item at an index, which must be there. */
export function at<Item>(items: readonly Item[], index: number): Item {
  const item = items.at(index);
  if (item === undefined) throw new Error(`there is no item ${index} of ${items.length}`);
  return item;
}

/** What became of a promise so far. */
export interface Outcome<Value> {
  readonly state: 'pending' | 'fulfilled' | 'rejected';
  readonly value?: Value;
  readonly error?: unknown;
}

/** Follows a promise without waiting for it. */
export function follow<Value>(promise: Promise<Value>): () => Outcome<Value> {
  let outcome: Outcome<Value> = { state: 'pending' };
  promise.then(
    (value) => (outcome = { state: 'fulfilled', value }),
    (error: unknown) => (outcome = { state: 'rejected', error }),
  );
  return () => outcome;
}

/** A failed call's error. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => Promise.reject(new Error('it did not reject')),
    (error: unknown) => error,
  );
}

/** Gets the first token: one request, granted at once. */
export async function getFirst(
  { manager, requests }: Pick<Started, 'manager' | 'requests'>,
  accessToken: string,
  lifetimeSeconds?: number,
): Promise<void> {
  const token = manager.getToken();
  await settle();
  at(requests, -1).grant(accessToken, lifetimeSeconds);
  await token;
}

/** What a call gives that needs no request. */
export async function tokenOf({ manager }: Pick<Started, 'manager'>): Promise<string> {
  return (await manager.getToken()).accessToken;
}

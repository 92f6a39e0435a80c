import { randomBytes } from 'node:crypto';
import type { StoreIdentity, StoreLease, StoreSession, TokenStore } from '../stores/store.js';

/** What the checks of a store work with: sessions on one store, and what is expected of them. */
export interface StoreBench {
  readonly store: TokenStore;
  /** One that no other check uses. */
  readonly identity: StoreIdentity;
  /** Opens a session, for another identity if one is given. */
  open(identity?: StoreIdentity): StoreSession;
  /** Asks for the lock; undefined while it is held. */
  ask(session: StoreSession, onTakeover?: (state: unknown) => void): Promise<Lease | undefined>;
  /** Takes the lock, which must be free. */
  take(session: StoreSession): Promise<Lease>;
}

/** A lease that writes texts as all checks do. */
export interface Lease {
  /** What it gives is still to be checked. */
  write(text: string): Promise<unknown>;
  release(): Promise<void>;
}

/** One check: rejects with an Error that says what was seen. */
export type KeepsPromise = (bench: StoreBench) => Promise<void>;

/** A text is of use for longer than any check takes. */
const options = { lifeMs: 3_600_000 };
/** `acquire` never waits, but its storage, or this machine, may be slow. */
const answerMs = 10_000;

/** Writes without a lease. */
export function write(session: StoreSession, text: string): Promise<void> {
  return session.write(text, options);
}

/** Rejects unless the session reads this text. */
export async function expectText(
  session: StoreSession,
  expected: string | undefined,
  when: string,
): Promise<void> {
  const seen: unknown = await session.read();
  expectThat(seen === expected, `${when} read() gave ${shown(seen)}, not ${shown(expected)}`);
}

/** Throws what was seen unless the statement is true. */
export function expectThat(statement: boolean, seen: string): asserts statement {
  if (!statement) throw new Error(seen);
}

/** The beginning of a value, for a message. */
export function shown(value: unknown): string {
  if (typeof value !== 'string') return String(value);
  const start = JSON.stringify(value.slice(0, 40));
  return value.length > 40 ? `${start}... (${value.length} characters)` : start;
}

/** An identity that nothing has been kept for. */
export function newIdentity(): StoreIdentity {
  return {
    environment: 'UAT',
    baseUrl: 'https://tt.example/',
    keyFingerprint: randomBytes(8).toString('hex'),
  };
}

/** Runs a check on a store, and gives back whatever leases a broken promise leaves. */
export async function runOn(store: TokenStore, keepsPromise: KeepsPromise): Promise<void> {
  const identity = newIdentity();
  const leases: StoreLease[] = [];
  let isOver = false;

  /** What a broken promise leaves must not spoil the next check. */
  async function giveBack(lease: StoreLease): Promise<void> {
    if (isOver) await lease.release();
    else leases.push(lease);
  }

  async function ask(
    session: StoreSession,
    onTakeover?: (state: unknown) => void,
  ): Promise<Lease | undefined> {
    const acquiring = Promise.resolve(session.acquire(onTakeover));
    void acquiring.then((lease) => lease && giveBack(lease)).catch(() => undefined);
    const lease = await answered(acquiring);
    return (
      lease && {
        write: async (text) => lease.write(text, options),
        release: async () => lease.release(),
      }
    );
  }

  try {
    await keepsPromise({
      store,
      identity,
      open: (other = identity) => store.open(other),
      ask,
      async take(session) {
        const lease = await ask(session);
        expectThat(lease !== undefined, 'acquire() gave no lease although nobody held the lock');
        return lease;
      },
    });
  } finally {
    isOver = true;
    await Promise.allSettled(leases.map(giveBack));
  }
}

async function answered<Answer>(asking: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const failure = new Error(`acquire() did not answer within ${answerMs} ms: it must not wait`);
    timer = setTimeout(() => reject(failure), answerMs);
  });
  try {
    return await Promise.race([asking, late]);
  } finally {
    clearTimeout(timer);
  }
}

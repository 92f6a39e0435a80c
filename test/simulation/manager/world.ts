import type { StoreLease, StoreSession, TokenStore, TokenManager } from '../../../src/index.js';
import { start, type Started } from '../../manager/setup.js';

/** An operation of the store that waits for the scheduler. */
interface Operation {
  readonly name: string;
  run(): void;
  fail(): void;
}

/** A token request that waits for the scheduler. */
interface Request {
  /** The step at which it was sent. */
  readonly sentAt: number;
  readonly accessToken: string;
  readonly signal: AbortSignal;
  isAnswered: boolean;
  answer(status: number): void;
}

/** A call of a manager, and what became of it. */
interface Call {
  readonly manager: number;
  readonly kind: 'needed' | 'forced';
  /** The step at which it was made. */
  readonly madeAt: number;
  readonly controller: AbortController;
  isAborted: boolean;
  outcome?: { readonly token?: string; readonly error?: unknown };
}

/** Several managers on one store and one endpoint; every answer of both is given by hand, one at each step. */
export interface World {
  readonly calls: readonly Call[];
  readonly requests: readonly Request[];
  readonly operations: readonly Operation[];
  /** What broke a promise, in words. */
  readonly broken: string[];
  /** Whether a store operation has failed. */
  hasFailed: boolean;
  hasClosed: boolean;
  text(): string | undefined;
  isLocked(): boolean;
  /** Begins the next step. */
  step(): void;
  call(manager: number, kind: Call['kind']): void;
  abort(call: number): void;
  invalidate(manager: number): void;
  close(manager: number): void;
  release(operation: number): void;
  refuse(operation: number): void;
  answer(request: number, status: number): void;
  /** The requests that nobody has answered or given up. */
  inFlight(): readonly Request[];
}

/** Creates a {@link World} with so many managers. */
export function createWorld(count: number): World {
  let now = 0;
  let text: string | undefined;
  let holder: symbol | undefined;
  const calls: Call[] = [];
  const requests: Request[] = [];
  const operations: Operation[] = [];
  const broken: string[] = [];

  function operation<Result>(name: string, effect: () => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => () => {
        operations.splice(operations.indexOf(entry), 1);
        settle();
      };
      const entry: Operation = {
        name,
        run: end(() => resolve(effect())),
        fail: end(() => {
          // What cannot be given back is taken over later, as the lock of a dead holder is.
          if (name === 'release') holder = undefined;
          reject(Object.assign(new Error(`${name} refused`), { code: 'EIO' }));
        }),
      };
      operations.push(entry);
    });
  }

  function acquire(): StoreLease | undefined {
    if (holder) return undefined;
    const id = Symbol('holder');
    holder = id;
    return {
      write: (given) =>
        operation('lease.write', () => {
          if (holder === id) text = given;
          return holder === id;
        }),
      release: () => operation('release', () => void (holder = holder === id ? undefined : holder)),
    };
  }

  const session: StoreSession = {
    read: () => operation('read', () => text),
    write: (given) => operation('write', () => void (text = given)),
    acquire: () => operation('acquire', acquire),
  };
  const store: TokenStore = { open: () => session };

  const fetch = (_: unknown, init: RequestInit = {}): Promise<Response> =>
    new Promise((resolve, reject) => {
      const accessToken = `token-${requests.length + 1}`;
      const signal = init.signal as AbortSignal;
      const request: Request = {
        ...{ sentAt: now, accessToken, signal, isAnswered: false },
        answer(status) {
          request.isAnswered = true;
          const body = { status: 'Ok', access_token: accessToken, seconds_until_expiry: 600 };
          resolve(Response.json(status === 200 ? body : {}, { status }));
        },
      };
      signal.addEventListener('abort', () => reject(signal.reason as Error));
      requests.push(request);
    });

  const started: readonly Started[] = Array.from({ length: count }, () => start({ store, fetch }));
  const closed = new Set<number>();

  started.forEach(({ manager, events }, index) => {
    const { push } = events;
    events.push = (...seen) => {
      const [event] = seen;
      if (closed.has(index)) broken.push(`${event?.name ?? ''} after close()`);
      // Refused, or held back for longer than its limit.
      if (event?.name === 'storeFailed') world.hasFailed = true;
      return push.apply(events, seen);
    };
    manager.on('refreshed', ({ obtainedAt }) => {
      const announced = requests.findLast(({ isAnswered }) => isAnswered)?.accessToken ?? '';
      manager.getToken().then(
        (token) => {
          if (token.obtainedAt < obtainedAt)
            broken.push(`${announced} announced before it is held`);
        },
        () => undefined,
      );
    });
  });

  const managerAt = (index: number): TokenManager => {
    const { manager } = started[index] ?? {};
    if (!manager) throw new Error(`there is no manager ${index}`);
    return manager;
  };

  const world: World = {
    ...{ calls, requests, operations, broken, hasFailed: false, hasClosed: false },
    text: () => text,
    isLocked: () => holder !== undefined,
    step() {
      now++;
    },
    call(manager, kind) {
      const controller = new AbortController();
      const call: Call = { manager, kind, madeAt: now, controller, isAborted: false };
      calls.push(call);
      managerAt(manager)
        .getToken({ forceRefresh: kind === 'forced', signal: controller.signal })
        .then(
          ({ accessToken }) => (call.outcome = { token: accessToken }),
          (error: unknown) => (call.outcome = { error }),
        );
    },
    abort(index) {
      const call = calls[index];
      if (!call || call.outcome) return;
      call.isAborted = true;
      call.controller.abort(new Error('left'));
    },
    invalidate(manager) {
      const last = calls.findLast((call) => call.manager === manager && call.outcome?.token);
      if (last?.outcome?.token) managerAt(manager).invalidate(last.outcome.token);
    },
    close(manager) {
      world.hasClosed = true;
      void managerAt(manager)
        .close()
        .then(() => closed.add(manager));
    },
    release: (index) => operations[index]?.run(),
    refuse: (index) => operations[index]?.fail(),
    answer: (index, status) => world.inFlight()[index]?.answer(status),
    inFlight: () => requests.filter(({ isAnswered, signal }) => !isAnswered && !signal.aborted),
  };

  return world;
}

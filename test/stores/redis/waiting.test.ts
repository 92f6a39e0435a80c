import { EventEmitter, once } from 'node:events';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { redisStore } from '../../../src/stores/redis/index.js';
import { identity, leaseOf } from './setup.js';

type Answer = (reply: unknown) => void;

/** An ioredis client whose state, errors and answers are the test's. */
function heldClient(status = 'connecting') {
  const answers: Answer[] = [];
  const ask = vi.fn<(...parts: unknown[]) => Promise<unknown>>(
    () => new Promise((resolve) => answers.push(resolve)),
  );
  const client = Object.assign(new EventEmitter(), {
    status,
    connect: vi.fn(() => Promise.resolve()),
    get: ask,
    eval: ask,
    defineCommand: vi.fn(),
    turn(next: string, error?: Error) {
      client.status = next;
      client.emit(error ? 'error' : next, error);
    },
  });
  const session = redisStore({ client }).open(identity);
  return { client, session, ask, answers };
}

/** Resolves when the commands have been sent whose client is ready. */
const sent = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
const outcome = (reply: Promise<unknown>): Promise<unknown> =>
  reply.catch((error: unknown) => (error as Error).message);

const isPending = (promise: Promise<unknown>): boolean => inspect(promise).includes('<pending>');

describe('a command to a client without a connection', () => {
  afterEach(() => void vi.useRealTimers());

  it('fails after 4.5 s, and the next ones at once until the client is ready', async () => {
    vi.useFakeTimers();
    const { client, session, ask, answers } = heldClient();
    const first = outcome(session.read());
    await vi.advanceTimersByTimeAsync(4_400);
    expect(isPending(first)).toBe(true);
    await vi.advanceTimersByTimeAsync(100);
    expect(await first).toMatch('the Redis client has not connected within 4500 ms');
    for (let turn = 0; turn < 100; turn++) {
      expect(await outcome(session.acquire())).toBe(await first);
    }
    expect(ask).not.toHaveBeenCalled();
    client.turn('ready');
    const next = session.read();
    await sent();
    answers[0]?.(null);
    expect(await next).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
    expect(client.eventNames()).toEqual([]);
  });

  it('fails a second after it began where the client says why, by the last error', async () => {
    vi.useFakeTimers();
    const { client, session } = heldClient();
    const reading = outcome(session.read());
    client.turn('connecting', new Error('getaddrinfo ENOTFOUND'));
    client.turn('reconnecting', refused);
    await vi.advanceTimersByTimeAsync(900);
    expect(isPending(reading)).toBe(true);
    await vi.advanceTimersByTimeAsync(100);
    expect(await reading).toBe('connect ECONNREFUSED');
  });

  it.each([
    ['starts', () => Promise.resolve()],
    ['fails only by the errors of', () => Promise.reject(refused)],
  ])('%s the connection of a client that waits for its first command', async (_, connect) => {
    const { client, session, answers } = heldClient('wait');
    client.connect.mockImplementation(connect);
    const reading = session.read();
    expect(client.connect).toHaveBeenCalledTimes(1);
    client.turn('ready');
    await sent();
    answers[0]?.(null);
    expect(await reading).toBeUndefined();
  });

  it('that fails once more, late, is no unhandled rejection', async () => {
    vi.useFakeTimers();
    const { client, session, ask } = heldClient('ready');
    let fail: (error: Error) => void = () => undefined;
    ask.mockImplementation(() => new Promise((_, reject) => (fail = reject)));
    const acquiring = outcome(session.acquire());
    await vi.advanceTimersByTimeAsync(0);
    client.turn('reconnecting', refused);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await acquiring).toBe('connect ECONNREFUSED');
    fail(new Error('Connection is closed.'));
    await vi.advanceTimersByTimeAsync(0);
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it('fails by what a client says that is closed meanwhile', async () => {
    vi.useFakeTimers();
    const { client, session, ask } = heldClient();
    ask.mockRejectedValue(new Error('Connection is closed.'));
    const [reading, failing] = [outcome(session.read()), outcome(session.acquire())];
    client.turn('end');
    await vi.advanceTimersByTimeAsync(4_500);
    expect(await reading).toBe('Connection is closed.');
    expect(await failing).toBe('Connection is closed.');
    expect(client.eventNames()).toEqual([]);
  });

  it('is not failed by time in which the event loop was blocked', async () => {
    const { client, session, answers } = heldClient();
    const reading = session.read();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4_700);
    await new Promise(setImmediate);
    client.turn('ready');
    await sent();
    answers[0]?.(null);
    expect(await reading).toBeUndefined();
  });

  it.each([
    ['gives it back', 1],
    ['tries to give it back', 'QUEUED'],
  ])('whose late answer grants a lease %s', async (_, released) => {
    vi.useFakeTimers();
    const { client, session, ask, answers } = heldClient('ready');
    const acquiring = outcome(session.acquire());
    await vi.advanceTimersByTimeAsync(0);
    client.turn('reconnecting', refused);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await acquiring).toBe('connect ECONNREFUSED');
    client.turn('ready');
    answers[0]?.(1);
    await vi.advanceTimersByTimeAsync(0);
    answers[1]?.(released);
    await vi.advanceTimersByTimeAsync(0);
    expect(ask.mock.calls.map(([script]) => String(script).split('\n')[0])).toEqual([
      '-- lease, owner; id, lease ms, remember ms',
      '-- lease, owner; id',
    ]);
    expect(ask.mock.calls[1]?.[4]).toBe(ask.mock.calls[0]?.[4]);
  });

  it('leaves an error that nobody listens to as it is with node-redis', async () => {
    const get = (): Promise<null> => Promise.resolve(null);
    const rest = { isOpen: true, isReady: false, get, eval: get };
    const client = Object.assign(new EventEmitter(), rest);
    const reading = redisStore({ client }).open(identity).read();
    expect(() => client.emit('error', refused)).toThrow('ECONNREFUSED');
    const ready = once(client, 'ready');
    client.isReady = true;
    client.emit('ready');
    await ready;
    expect(await reading).toBeUndefined();
    expect(client.eventNames()).toEqual([]);
  });

  it('renews a lease once at a time', async () => {
    vi.useFakeTimers();
    const { session, ask, answers } = heldClient('ready');
    const acquiring = leaseOf(session);
    await vi.advanceTimersByTimeAsync(0);
    answers[0]?.(1);
    const lease = await acquiring;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ask).toHaveBeenCalledTimes(2);
    answers[1]?.(1);
    await vi.advanceTimersByTimeAsync(300);
    expect(ask).toHaveBeenCalledTimes(3);
    const releasing = lease.release();
    await vi.advanceTimersByTimeAsync(0);
    for (const answer of answers.slice(2)) answer(1);
    await releasing;
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('says the code of a failure that has no words, as of several addresses', async () => {
    const { session, client } = heldClient('ready');
    const error = Object.assign(new AggregateError([refused]), { code: 'ECONNREFUSED' });
    client.eval.mockRejectedValueOnce(error);
    const message = 'ECONNREFUSED';
    await expect(session.acquire()).rejects.toMatchObject({ message, code: message });
  });

  it('shows nothing of the command in its failure', async () => {
    const { session, client } = heldClient('ready');
    const error = Object.assign(new Error('NOPERM no permissions'), {
      command: { name: 'eval', args: ['the-record'] },
    });
    vi.spyOn(client, 'eval').mockRejectedValue(error);
    onTestFinished(() => void vi.restoreAllMocks());
    const failure: unknown = await leaseOf(session).catch((reason: unknown) => reason);
    expect(failure).toMatchObject({ message: 'NOPERM no permissions', code: 'NOPERM' });
    expect(failure).not.toHaveProperty('command');
  });
});

import type { RedisPort } from './client.js';

/*
 * A client without a connection keeps commands until it has one again, and a server may hang: nobody here
 * waits longer than a second for either. While an answer is overdue, other commands are refused at once, so
 * that a refresh loses that second once and the client's queue does not grow; one goes through now and then.
 */

const answerMs = 1_000;
const lastMs = 100;
const askAgainAfterMs = 5_000;

/** A port whose commands have a time limit. */
export interface LimitedRedis extends RedisPort {
  /** The same as before; a reply that comes too late goes to `onLateReply`. */
  run(
    script: string,
    keys: readonly string[],
    values: readonly string[],
    onLateReply?: (reply: number) => void,
  ): Promise<number>;
}

/** Puts the commands of a port under limits. */
export function limited(redis: RedisPort): LimitedRedis {
  let overdue: Promise<unknown> | undefined;
  let overdueSince = 0;

  async function limit<Reply>(
    command: () => Promise<Reply>,
    onLateReply?: (reply: Reply) => void,
  ): Promise<Reply> {
    if (overdue && performance.now() - overdueSince < askAgainAfterMs) {
      throw new Error('Redis has not answered yet');
    }
    const reply = command();
    if (await isSettledInTime(reply)) return reply;

    overdue = reply;
    overdueSince = performance.now();
    const settle = (): void => {
      if (overdue === reply) overdue = undefined;
    };
    reply.finally(settle).then(onLateReply, () => undefined);
    throw new Error(`Redis did not answer within ${answerMs} ms`);
  }

  return {
    get: (key) => limit(() => redis.get(key)),
    run: (script, keys, values, onLateReply) =>
      limit(() => redis.run(script, keys, values), onLateReply),
    subscribe: redis.subscribe,
  };
}

function isSettledInTime(promise: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    // Two timers: after a blocked event loop the first is late, and an answer that is there has yet to be read.
    let timer = setTimeout(() => {
      timer = setTimeout(resolve, lastMs, false).unref();
    }, answerMs - lastMs).unref();
    const settled = (): void => {
      clearTimeout(timer);
      resolve(true);
    };
    promise.then(settled, settled);
  });
}

// A process with one client at a time, which it uses as the scenarios ask.
import { createClient } from '../clients/index.mjs';
import { allocatedBytes } from './allocation.mjs';
import { answerCalls } from './calls.mjs';
import { sendSteadily } from './steady-load.mjs';

let client;

async function create({ id, ...settings }) {
  await client?.close?.();
  client = await createClient(id, settings);
}

/** What became of a call: undefined for a success, else what failed. */
async function outcome(call) {
  try {
    const status = await call();
    return typeof status !== 'number' || status === 200 ? undefined : `status ${status}`;
  } catch (error) {
    return `${error.code ?? error.name}: ${error.message}`;
  }
}

async function together(count, call) {
  const startedAt = performance.now();
  const outcomes = await Promise.all(Array.from({ length: count }, () => outcome(call)));
  const failures = outcomes.filter((failure) => failure !== undefined).length;
  return { ms: performance.now() - startedAt, finishedAt: Date.now(), failures };
}

async function requestMany(count, path = '/markets', together = 1) {
  async function requestInTurn() {
    for (let index = 0; index < count / together; index++) {
      if ((await client.request(path)) !== 200) throw new Error('a request failed');
    }
  }
  await Promise.all(Array.from({ length: together }, requestInTurn));
}

/** Nanoseconds of one. */
async function time(count, many) {
  const startedAt = process.hrtime.bigint();
  await many(count);
  return Number(process.hrtime.bigint() - startedAt) / count;
}

answerCalls({
  create,

  /** Gets a token at another time than now, to leave it behind in the store. */
  async getTokenAt({ shiftMs, ...settings }) {
    const { now } = Date;
    Date.now = () => now() + shiftMs;
    await create(settings);
    await client.getToken();
    await client.close?.();
    client = undefined;
    Date.now = now;
  },

  timeRequests: ({ count, path, together }) =>
    time(count, () => requestMany(count, path, together)),
  timeGetToken: ({ count }) =>
    time(count, async () => {
      for (let index = 0; index < count; index++) await client.getToken();
    }),
  allocatedBytes: () => allocatedBytes(requestMany),

  /** CPU time of this process so far. */
  cpuMs() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },

  request: ({ path }) => outcome(() => client.request(path)),
  requestTogether: ({ count, path }) => together(count, () => client.request(path)),
  getTokenTogether: ({ count }) => together(count, () => client.getToken()),
  requestSteadily: ({ path, ...load }) =>
    sendSteadily({ ...load, send: () => outcome(() => client.request(path)) }),
  getTokenSteadily: (load) =>
    sendSteadily({ ...load, send: () => outcome(() => client.getToken()) }),
});

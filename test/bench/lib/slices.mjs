import { takeTurns } from './rounds.mjs';

const defaultWarmUp = 3_000;
const sliceNs = 20e6;

/**
 * Nanoseconds of each client, in slices of 20 ms that alternate, each client in a process of its own.
 * `time` is the worker's command, with `details` besides the count; `launches` tells how many processes each client
 * gets, one after the other. Answers come from memory unless `api` says otherwise.
 */
export async function timeSlices(parts) {
  const { stage, service, clients, time, launches, turns, api } = parts;
  const { details = {}, warmUp = defaultWarmUp } = parts;
  const times = new Map(clients.map((id) => [id, []]));
  for (let launch = 0; launch < launches; launch++) {
    const workers = new Map();
    for (const id of clients) {
      const worker = await stage.startCached(id, service, { api });
      await worker.call(time, { count: warmUp, ...details });
      const ns = await worker.call(time, { count: warmUp, ...details });
      workers.set(id, { worker, count: Math.ceil(sliceNs / ns) });
    }
    const slices = await takeTurns(clients, turns, (id) => {
      const { worker, count } = workers.get(id);
      return worker.call(time, { count, ...details });
    });
    for (const [id, ns] of slices) times.get(id).push(...ns);
    for (const { worker } of workers.values()) await worker.kill();
  }
  return times;
}

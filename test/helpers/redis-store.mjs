// The store over Redis as a worker process has it, with a client of its own.
import { redisStore } from 'tt-token-manager/redis';
import { clientPackages, connect } from './redis-connect.mjs';

/** Connects the client that is asked for, or the one of a process's number. */
export async function connectStore(options, number = 0) {
  const from = clientPackages[number % clientPackages.length];
  const { client, close } = await connect({ from, ...options });
  return { store: redisStore({ client }), close };
}

import { spawnSync } from 'node:child_process';

/** Whether there is a redis-server; what needs one says so where there is none, and is skipped. */
export const isRedisInstalled = spawnSync('redis-server', ['--version']).status === 0;

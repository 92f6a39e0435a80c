import { defineConfig } from 'vitest/config';
import { isRedisInstalled } from './test/helpers/redis-installed.js';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Two on two cores: many tests wait for processes and timers.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    coverage: {
      // The coordination: what every branch of has to be reached by some test.
      include: [
        'src/base/{abort,running-time,single-flight,wakeup}.ts',
        'src/manager/*.ts',
        'src/stores/**/*.ts',
      ],
      // Tested against a real keyring alone, and there may be none.
      exclude: ['src/stores/keyring/*.ts', ...(isRedisInstalled ? [] : ['src/stores/redis/*.ts'])],
      reporter: ['text'],
      thresholds: { branches: 100, functions: 100, lines: 100, statements: 100 },
    },
  },
});

import { defineConfig } from 'vitest/config';

/** The room of src that is mutated, such as `tt` or `stores/file`; see mutation.mjs. */
const room = process.env['MUTATED_ROOM'] ?? '**';

/** The tests of one room that run in a worker thread: another process would not see the mutant. */
export default defineConfig({
  test: {
    include: [`test/${room}/**/*.test.ts`, 'test/properties/**/*.test.ts'],
    exclude: [
      'test/adapters/many-processes.test.ts',
      'test/stores/{redis,keyring}/**',
      'test/stores/file/default-path.test.ts',
    ],
    // A thread can set neither the time zone nor the umask, nor the home folder.
    testNamePattern: /^(?!.*(?:time zone|umask))/,
    testTimeout: 10_000,
    hookTimeout: 10_000,
  },
});

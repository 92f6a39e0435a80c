import { defineConfig } from 'vitest/config';

/** The room of src that is mutated, such as `tt` or `adapters/!(axios)`; see mutation.mjs. */
const room = process.env['MUTATED_ROOM'] ?? '**';

/** The properties that test a room beside its own folder. */
const properties =
  {
    manager: '{backoff,clock-steps,freshness,refusal-spacing,secrecy}',
    'stores/file': '{token-file,clock-steps}',
  }[room] ??
  (room.startsWith('adapters/') ? '{axios-target,redirect,request-id,request-url}' : '*');
const common = [
  `test/properties/${properties}.test.ts`,
  ...(room.startsWith('adapters/') ? ['test/adapters/*.test.ts'] : []),
];

/** The tests of one room that run in a worker thread: another process would not see the mutant. */
export default defineConfig({
  test: {
    include: [`test/${room}/**/*.test.ts`, ...common],
    exclude: [
      'test/adapters/{differential,many-processes}.test.ts',
      'test/adapters/axios/copies.test.ts',
      'test/stores/{redis,keyring}/**',
      'test/stores/file/default-path.test.ts',
    ],
    // A thread can set neither the time zone nor the umask, the user, nor the home folder; the others take seconds.
    testNamePattern:
      /^(?!.*(?:time zone|umask|shares one refresh|spaces the refreshes|cost no more among|come at once, then|leaves as much|is a private folder|leaves no folder behind|cannot be listed))/,
    testTimeout: 10_000,
    hookTimeout: 10_000,
  },
});

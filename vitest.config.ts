import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { defineConfig } from 'vitest/config';
import { isRedisInstalled } from './test/helpers/redis-installed.js';

/** Files that neither replace a module nor leave anything behind: a worker imports src once for all of them. */
const together = [
  'test/{base,bench,manager,options,records,testing,tt}/**/*.test.ts',
  'test/adapters/{shared,managers}.test.ts',
  'test/adapters/{fetch,ky,opentelemetry}/*.test.ts',
  'test/adapters/axios/!(copies).test.ts',
  'test/properties/!(axios-oldest-target).test.ts',
  'test/stores/{,memory/,redis/}*.test.ts',
  'test/stores/file/{default-path,file}.test.ts',
];

/** The files that take more than about 5 s, the longest first: none of them is left to the end. */
const longest = [
  'soak/soak.full',
  'processes/redis',
  'processes/holder-dies',
  'cli/keyring',
  'secrecy/refresh',
  'adapters/contract',
  'examples',
  'types',
  'stores/keyring/keyring',
  'adapter-examples',
  'adapters/differential',
  'host/signals',
  'stores/redis/connection',
  'stores/redis/lease',
  'processes/thaw',
  'processes/endpoint-down',
  'base/running-time',
  'secrecy/requests',
  'package',
  'processes/one-request',
  'adapters/many-processes',
];

class LongestFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification): number => {
      const place = longest.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return place < 0 ? longest.length : place;
    };
    return Promise.resolve(files.toSorted((one, other) => placeOf(one) - placeOf(other)));
  }
}

/** What depends on the mode, which is `full` for `npm run test:full`. */
function settingsOf(mode: string) {
  return {
    // Read by test/helpers/full.ts.
    env: { TEST_FULL: String(mode === 'full') },
    // They end a test that hangs, on a busy machine too; a property is tried four times as often in full.
    testTimeout: mode === 'full' ? 600_000 : 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
  };
}

export default defineConfig(({ mode }) => ({
  test: {
    // Each with the mode: a project that extends this file does not have it from here.
    projects: [
      {
        extends: true,
        test: { name: 'together', include: together, isolate: false, ...settingsOf(mode) },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: ['test/**/*.test.ts'],
          exclude: [...together, ...(mode === 'full' ? [] : ['test/**/*.full.test.ts'])],
          ...settingsOf(mode),
        },
      },
    ],
    sequence: { sequencer: LongestFirst },
    // More than there are cores in a small machine: many tests wait for processes and timers.
    maxWorkers: 6,
    coverage: {
      // The coordination: what every branch of has to be reached by some test.
      include: [
        'src/base/{abort,asked,running-time,single-flight,wakeup}.ts',
        'src/manager/*.ts',
        'src/records/*.ts',
        'src/stores/**/*.ts',
      ],
      // Tested against a real keyring alone, and there may be none.
      exclude: ['src/stores/keyring/*.ts', ...(isRedisInstalled ? [] : ['src/stores/redis/*.ts'])],
      reporter: ['text'],
      thresholds: { branches: 100, functions: 100, lines: 100, statements: 100 },
    },
  },
}));

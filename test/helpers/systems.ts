import { describe, it } from 'vitest';

export const onWindows = process.platform === 'win32';

const isHere = {
  /** /proc, boot IDs and namespaces. */
  linux: process.platform === 'linux',
  /** Modes, owners, signals, named pipes, `sh`, and links that anybody may make. */
  posix: !onWindows,
};

/** Tests of what only some systems have; skipped on the others. */
export const describeOn = (system: keyof typeof isHere): ReturnType<typeof describe.skipIf> =>
  describe.skipIf(!isHere[system]);

/** A test of what only some systems have; skipped on the others. */
export const itOn = (system: keyof typeof isHere): ReturnType<typeof it.skipIf> =>
  it.skipIf(!isHere[system]);

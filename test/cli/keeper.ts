import type { ChildProcess, spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';
import type { Finished, Place, StartOptions } from './command.js';

/** A `tt-token keep` in a process of its own. */
export interface Keeper {
  readonly child: ChildProcess;
  readonly end: Promise<Finished>;
  /** Resolves when a line on stderr matches so often. */
  printed(pattern: RegExp, times?: number): Promise<void>;
  stderr(): string;
}

/** Starts `tt-token keep`; it is gone when the test ends. */
export function startKeep(place: Place, args: readonly string[], options?: StartOptions): Keeper {
  let child: ChildProcess | undefined;
  let stderr = '';
  let look = (): void => undefined;
  const onStart = (started: ReturnType<typeof spawn>): void => {
    child = started;
    started.stderr?.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      look();
    });
  };
  const end = place.start(['keep', ...args], { ...options, onStart });
  const started = child;
  if (!started) throw new Error('not started');
  onTestFinished(async () => {
    started.kill('SIGKILL');
    await end;
  });
  return {
    child: started,
    end,
    stderr: () => stderr,
    printed: (pattern, times = 1) =>
      new Promise((resolve, reject) => {
        look = () => {
          if ((stderr.match(new RegExp(pattern, 'gm'))?.length ?? 0) >= times) resolve();
        };
        look();
        started.once('close', () => reject(new Error(`ended: ${stderr}`)));
      }),
  };
}

/** The line of a new token. */
export const newToken = /^tt-token: token valid until /;

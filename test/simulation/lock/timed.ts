import type { Call, Process, World } from './world.js';

/** What happens to a process at one step of a schedule. */
export interface Trouble {
  readonly atStep: number;
  readonly process: number;
  readonly kind: 'freeze' | 'kill' | 'EIO' | 'EPERM' | 'ENOENT';
  readonly forMs: number;
}

/** A row of numbers that looks random, from a seed. */
export function numbersOf(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** That a file is gone which is there would be a lie: nobody can be safe from a disk that tells it. */
function mayBeRefused({ name }: Call, code: string): boolean {
  return name !== 'pause' && name !== 'timer' && !(name === 'rm' && code === 'ENOENT');
}

/** Runs a world to its end, in an order that a seed gives, in the world's own time. */
export async function runTimed(
  world: World,
  seed: number,
  troubles: readonly Trouble[] = [],
  atMost = 5_000,
): Promise<void> {
  const number = numbersOf(seed);
  const due = ({ dueAt }: Call): boolean => dueAt <= world.nowMs;
  const isAlive = ({ state }: Process): boolean => state === 'running';
  await world.settle();
  for (let steps = 0; world.processes.some(isAlive); steps++) {
    if (steps === atMost) return void world.broken.push('does not end');
    if (world.broken.length > 0) return;
    for (const { process, kind, forMs } of troubles.filter(({ atStep }) => atStep === steps)) {
      const hit = world.processes[process % world.processes.length];
      if (!hit || !isAlive(hit)) continue;
      if (kind === 'freeze') hit.frozenUntilMs = world.nowMs + forMs;
      else if (kind === 'kill') world.kill(hit);
      else hit.calls.find((call) => mayBeRefused(call, kind))?.refuse(kind);
      await world.settle();
    }
    const alive = world.processes.filter(isAlive);
    const awake = alive.filter(({ frozenUntilMs }) => frozenUntilMs <= world.nowMs);
    const ready = awake.flatMap(({ calls }) => calls.filter(due));
    const chosen = ready[number(Math.max(ready.length, 1))];
    if (chosen) {
      world.nowMs += number(4);
      chosen.run();
      await world.settle();
    } else {
      const later = alive.flatMap(({ calls, frozenUntilMs }) =>
        calls.map(({ dueAt }) => Math.max(dueAt, frozenUntilMs)),
      );
      if (later.length === 0) return;
      world.nowMs = Math.max(world.nowMs, Math.min(...later));
    }
  }
}

import { createHash } from 'node:crypto';
import type { Call, Process, World } from './world.js';

/*
 * Every interleaving of a few processes, and every place where one is killed, or one call is refused: each run takes
 * the choices of a run before up to one of them, takes that one differently, and ends where the state has been met.
 */

/** What may happen in a run, apart from the interleaving. */
export interface Limits {
  readonly kills: number;
  readonly refusals: number;
  /** Whether a process may find any holder silent, at any look. */
  readonly silence: boolean;
}

/** What was explored. */
export interface Explored {
  readonly runs: number;
  readonly states: number;
  /** The longest run, in steps. */
  readonly depth: number;
  /** The first run that broke a promise: what, and its steps. */
  readonly broken: readonly string[] | undefined;
}

/** A world with its processes, and what must be so when all have ended. */
export interface Explorable {
  readonly world: World;
  end(): Promise<void>;
}

/** Calls that no other process can notice: their order does not matter. */
const unnoticed = new Set('chmod read write sync stat utimes pause'.split(' '));
const refusalCodes = ['EIO', 'EPERM', 'ENOENT'];

/** Explores a scene, until a promise is broken. */
export async function explore(
  create: () => Explorable,
  limits: Limits,
  mostRuns = Infinity,
): Promise<Explored> {
  const visited = new Set<string>();
  const ahead: number[][] = [[]];
  let runs = 0;
  let depth = 0;
  for (let prefix = ahead.pop(); prefix && runs < mostRuns; prefix = ahead.pop()) {
    runs++;
    const { world, end } = create();
    const left = { kills: limits.kills, refusals: limits.refusals };
    await settle(world);
    const taken: number[] = [];
    for (;;) {
      if (taken.length >= prefix.length) {
        const state = stateOf(world);
        if (visited.has(state)) break;
        visited.add(state);
      }
      const choices = choicesOf(world, left, limits.silence);
      if (choices.length === 0) {
        await end();
        break;
      }
      const chosen = prefix[taken.length] ?? 0;
      if (taken.length >= prefix.length) {
        for (let other = 1; other < choices.length; other++) ahead.push([...taken, other]);
      }
      taken.push(chosen);
      choices[chosen]?.();
      await settle(world);
      if (world.broken.length > 0) break;
    }
    depth = Math.max(depth, taken.length);
    const broken = world.broken.length > 0 ? [...world.broken, ...world.log] : undefined;
    await world.abandon();
    if (broken) return { runs, states: visited.size, depth, broken };
  }
  return { runs, states: visited.size, depth, broken: undefined };
}

/** Lets all go on up to calls that others may notice. */
export async function settle(world: World): Promise<void> {
  for (;;) {
    await world.settle();
    const call = running(world).flatMap(({ calls }) => calls.filter(isUnnoticed))[0];
    if (!call) return;
    call.run();
  }
}

const isUnnoticed = ({ name, path }: Call): boolean =>
  unnoticed.has(name) || (name === 'open' && path === '/home');

function running({ processes }: World): Process[] {
  return processes.filter(({ state }) => state === 'running');
}

function choicesOf(
  world: World,
  left: { kills: number; refusals: number },
  silence: boolean,
): (() => void)[] {
  return running(world).flatMap((process) => {
    const call = process.calls.find(({ name }) => name !== 'timer');
    if (!call) return [];
    const { name, path } = call;
    const isLook = name === 'lstat' && path.endsWith('.lock');
    const go = (isImpatient: boolean) => () => {
      if (isLook) process.isImpatient = isImpatient;
      call.run();
    };
    const choices = [go(false)];
    if (silence && isLook && world.disk.nodes.has(path)) choices.push(go(true));
    if (left.kills > 0) {
      choices.push(() => {
        left.kills--;
        world.kill(process);
      });
    }
    // That a file is gone which is there would be a lie: nobody can be safe from a disk that tells it.
    const codes = left.refusals > 0 ? refusalCodes.slice(0, name === 'rm' ? 2 : 3) : [];
    for (const code of codes) {
      choices.push(() => {
        left.refusals--;
        call.refuse(code);
      });
    }
    return choices;
  });
}

/** What decides how a world goes on, without its times. */
function stateOf({ disk, processes, hasRefused }: World): string {
  const files = [...disk.nodes].map(([path, { text }]) => `${path}=${text}`).sort();
  const known = processes.map(({ state, isImpatient, history }) => [state, isImpatient, history]);
  const text = JSON.stringify([files, known, hasRefused]);
  return createHash('sha1').update(text).digest('base64');
}

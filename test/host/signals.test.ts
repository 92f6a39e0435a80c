import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { isFull } from '../helpers/full.js';
import { setScene, type Scene } from '../processes/scene.js';
import type { SeenEvent } from '../processes/workers.js';
import { describeOn } from '../helpers/systems.js';

const script = fileURLToPath(new URL('host.mjs', import.meta.url));
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const stages = ['before a refresh', 'during a refresh', 'after a refresh'] as const;
type Stage = (typeof stages)[number] | 'without a manager';
type Ending =
  | 'has no handler'
  | 'exits at once'
  | 'closes first'
  | 'goes on'
  | 'uses signal-exit'
  | 'uses signal-exit from now on';

/** How a program ended. */
interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Host {
  readonly child: ChildProcess;
  readonly scene: Scene;
  readonly release: () => void;
  /** Resolves when it has printed a text. */
  printed(text: string): Promise<void>;
  readonly end: Promise<End>;
}

/** Starts a program and waits until it has come to its stage. */
async function startHost(stage: Stage, ending: Ending): Promise<Host> {
  const scene = await setScene();
  const release = stage === 'during a refresh' ? scene.tt.holdTokenRequests() : () => undefined;
  const child = fork(script, [stage, ending], {
    env: scene.environment,
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let stdout = '';
  let stderr = '';
  const end = new Promise<End>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await end;
  });
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  await once(child, 'message');
  if (stage === 'during a refresh') await scene.tt.waitForTokenRequests(1);
  return {
    child,
    scene,
    release,
    end,
    async printed(text) {
      while (!stdout.includes(text)) await once(child.stdout as Readable, 'data');
    },
  };
}

/** Another process gets a token, and nothing of the dead one is left; tells what it had to do for it. */
async function serveAnother({ scene, release }: Host): Promise<readonly SeenEvent[]> {
  release();
  const other = await scene.startOne();
  expect((await other.get()).served).toBe(1);
  expect(await scene.leftovers()).toEqual([]);
  return other.events();
}

/** One of three in turn: two such counters meet each of their pairs. `npm run test:full` has all. */
function isTurn(count: number): boolean {
  return isFull || count % 3 === 0;
}

describeOn('posix').each(signals)('a program that gets %s', (signal) => {
  const signalAt = signals.indexOf(signal);

  async function endWith(host: Host, ending: Ending): Promise<End> {
    host.child.kill(signal);
    if (ending === 'goes on') {
      await host.printed(`handles ${signal}`);
      host.release();
      host.child.send('finish');
    }
    return host.end;
  }

  const expected: readonly (readonly [Ending, Partial<End>])[] = [
    ['has no handler', { code: null, signal, stdout: '' }],
    ['exits at once', { code: 7, signal: null, stdout: `handles ${signal}\n` }],
    ['closes first', { code: 5, signal: null, stdout: `handles ${signal}\n` }],
    ['goes on', { code: 0, signal: null, stdout: `handles ${signal}\n` }],
    ['uses signal-exit', { code: null, signal, stdout: `handles ${signal}\n` }],
    ['uses signal-exit from now on', { code: null, signal, stdout: `handles ${signal}\n` }],
  ];

  it.each(expected)('and %s ends as it does without a manager', async (ending, end) => {
    const endingAt = expected.findIndex(([one]) => one === ending);
    if (isTurn(signalAt + endingAt)) {
      const alone = await startHost('without a manager', ending);
      expect(await endWith(alone, ending)).toEqual({ ...end, stderr: '' });
    }
    const inTurn = stages.filter((_, stageAt) => isTurn(signalAt + endingAt + stageAt));
    await Promise.all(
      inTurn.map(async (stage) => {
        const host = await startHost(stage, ending);
        expect(await endWith(host, ending)).toEqual({ ...end, stderr: '' });
        const left = await host.scene.leftovers();
        const diesOfSignal = stage === 'during a refresh' && end.signal === signal;
        if (!diesOfSignal) {
          expect(left).toEqual([]);
          return;
        }
        expect(left).toContain('token.json.lock');
        const events = await serveAnother(host);
        expect(events.filter(({ name }) => name === 'lockTakenOver')).toEqual([
          { name: 'lockTakenOver', ownerState: 'dead' },
        ]);
      }),
    );
  });

  it.each(['during a refresh', 'after a refresh'] as const)(
    'while its event loop is blocked %s dies at once',
    async (stage) => {
      const { child, printed, end } = await startHost(stage, 'has no handler');
      child.send('block');
      await printed('blocked');
      child.kill(signal);
      expect(await end).toEqual({ code: null, signal, stdout: 'blocked\n', stderr: '' });
    },
  );
});

it('a program that crashes ends as it does without a manager, and leaves no lock', async () => {
  const hosts = await Promise.all(
    (['without a manager', ...stages] as const).map((stage) => startHost(stage, 'goes on')),
  );
  for (const { child, end, scene } of hosts) {
    child.send('throw');
    expect(await end).toEqual({
      code: 1,
      signal: null,
      stdout: '',
      stderr: expect.stringContaining('the program is broken') as string,
    });
    expect(await scene.leftovers()).toEqual([]);
  }
});

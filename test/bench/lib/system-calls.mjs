import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** System calls by name that a process makes meanwhile; undefined where there is no strace, or none may trace. */
async function traced(pid, run) {
  const strace = spawn('strace', ['-f', '-c', '-p', String(pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(strace, 'exit').catch(() => undefined);
  const lines = createInterface(strace.stderr)[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done || !first.value.includes('attached')) {
    await ended;
    return undefined;
  }
  await run();
  strace.kill('SIGINT');
  const counts = {};
  for await (const line of { [Symbol.asyncIterator]: () => lines }) {
    // Share, seconds, microseconds a call, calls, errors or none, name.
    const [, calls, name] =
      /^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$/.exec(line) ?? [];
    if (name && name !== 'total') counts[name] = Number(calls);
  }
  await ended;
  return counts;
}

async function inSession(refresher, run) {
  const before = { ...(await refresher.call('fileCalls')) };
  await run();
  const after = await refresher.call('fileCalls');
  return Object.fromEntries(
    Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]),
  );
}

/** What a refresh makes of each kind: the difference of `count` and twice as many, for what comes but once. */
export async function callsOfARefresh(refresher, count) {
  const pid = await refresher.call('pid');
  const refresh = (times) => () => refresher.call('refreshMany', { count: times });
  await refresh(count)();
  const trace = await traced(pid, refresh(count));
  const measure = trace ? (run) => traced(pid, run) : (run) => inSession(refresher, run);
  const once = trace ?? (await measure(refresh(count)));
  const twice = await measure(refresh(2 * count));
  const kinds = Object.entries(twice)
    .map(([name, calls]) => ({ name, calls: (calls - (once[name] ?? 0)) / count }))
    .filter(({ calls }) => calls >= 0.5)
    .sort((one, other) => other.calls - one.calls);
  return { source: trace ? 'strace' : 'calls of node:fs', kinds };
}

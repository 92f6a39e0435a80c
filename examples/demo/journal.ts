import type { WorkerEvent } from './messages.js';

/** An event, who told it, and when. */
export interface Entry {
  readonly worker: string;
  readonly at: number;
  readonly event: WorkerEvent;
}

/** What happened so far, printed as it happens. */
export interface Journal {
  readonly entries: readonly Entry[];
  add(worker: string, event: WorkerEvent): void;
  /** Prints a line of the demo's own. */
  say(text: string): void;
  /** Resolves as soon as the entries satisfy a condition. */
  until(isReached: (entries: readonly Entry[]) => boolean): Promise<void>;
}

/** Several workers do these at the same moment: one line for all of them. */
const groupedKinds: readonly string[] = ['waiting', 'adopted', 'waited', 'callFailed'];
const groupForMs = 150;

const reasons = {
  missing: 'as there was none',
  ageing: 'as the old one is ageing',
  expired: 'as the old one has expired',
  refused: 'as the API refused the old one',
  forced: 'on demand',
};

/** Creates a {@link Journal} that prints line by line. */
export function createJournal(print: (line: string) => void): Journal {
  const startedAt = Date.now();
  const entries: Entry[] = [];
  /** The tokens by the time at which they were obtained, numbered as they were told of. */
  const numbers = new Map<number, number>();
  let groups: Entry[][] = [];
  let shownAt = startedAt;
  const waiting = new Map<() => boolean, () => void>();

  function line(at: number, text: string): void {
    shownAt = Math.max(shownAt, at);
    print(`${((shownAt - startedAt) / 1_000).toFixed(1).padStart(5)} s  ${text}`);
  }

  function show(entry: Entry): void {
    const { worker, at, event } = entry;
    if (!groupedKinds.includes(event.kind)) {
      if (event.kind === 'refreshed') {
        numbers.set(event.obtainedAt, numbers.size + 1);
        flush(({ kind }) => kind === 'waiting');
      }
      line(at, `${worker} ${describe(event)}`);
      return;
    }
    const group = groups.find(([first]) => first && isAlike(first.event, event));
    if (group) group.push(entry);
    else {
      groups.push([entry]);
      setTimeout(flushWhatIsTold, groupForMs).unref();
    }
  }

  /** Who fetched a token may tell of it after those who found it in the file: its line comes first. */
  function flushWhatIsTold(): void {
    const isUntold = groups.some(
      ([first]) => first?.event.kind === 'adopted' && !numbers.has(first.event.obtainedAt),
    );
    flush(({ kind }) => kind === 'waiting' || !isUntold);
    if (isUntold) setTimeout(flushWhatIsTold, groupForMs).unref();
  }

  function flush(isDue: (event: WorkerEvent) => boolean): void {
    const isGroupDue = ([first]: readonly Entry[]): boolean => !!first && isDue(first.event);
    const due = groups.filter(isGroupDue);
    groups = groups.filter((group) => !isGroupDue(group));
    for (const group of due) line(group[0]?.at ?? 0, describeGroup(group, numbers));
  }

  function describe(event: WorkerEvent): string {
    switch (event.kind) {
      case 'refreshed':
        return `fetched token ${numbers.size}, ${reasons[event.reason]}`;
      case 'lockTakenOver':
        return `took the refresh lock over: its owner is ${event.ownerState}`;
      case 'refreshFailed':
      case 'storeFailed':
        return `${event.kind}: ${event.message}`;
      default:
        return event.kind;
    }
  }

  return {
    entries,
    add(worker, event) {
      const entry = { worker, at: Date.now(), event };
      entries.push(entry);
      show(entry);
      for (const [isReached, resume] of waiting) if (isReached()) resume();
    },
    say(text) {
      flush(() => true);
      line(Date.now(), text);
    },
    async until(isReached) {
      const check = (): boolean => isReached(entries);
      if (check()) return;
      await new Promise<void>((resolve) => waiting.set(check, resolve));
      waiting.delete(check);
    },
  };
}

function isAlike(one: WorkerEvent, other: WorkerEvent): boolean {
  if (one.kind !== 'adopted' || other.kind !== 'adopted') return one.kind === other.kind;
  return one.obtainedAt === other.obtainedAt;
}

function describeGroup(group: readonly Entry[], numbers: ReadonlyMap<number, number>): string {
  const workers = [...new Set(group.map(({ worker }) => worker))].sort();
  const names = new Intl.ListFormat('en').format(workers);
  const event = group[0]?.event;
  if (event?.kind === 'callFailed') {
    return `${group.length} calls of ${names} failed: ${event.message}`;
  }
  if (event?.kind === 'waiting') return `the callers of ${names} wait for a token`;
  if (event?.kind === 'adopted') {
    return `${names} took token ${numbers.get(event.obtainedAt) ?? '?'} from the file`;
  }
  const waits = group.flatMap((entry) => (entry.event.kind === 'waited' ? entry.event : []));
  const callers = waits.reduce((sum, wait) => sum + wait.callers, 0);
  const longestMs = Math.max(...waits.map((wait) => wait.endedAt - wait.startedAt));
  return `${callers} callers of ${names} are served, after ${longestMs} ms at the most`;
}

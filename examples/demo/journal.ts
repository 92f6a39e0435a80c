import { EventEmitter, once } from 'node:events';
import type { TokenManagerEventName, TokenManagerEvents } from 'tt-token-manager';

/** An event of a worker's token manager. */
type ManagerEvent = {
  [Name in TokenManagerEventName]: { readonly kind: Name } & TokenManagerEvents[Name];
}[TokenManagerEventName];

/** What a worker tells the demo; instants are epoch ms. */
export type WorkerEvent =
  | ManagerEvent
  /** A call took so long that it must have waited for a token. */
  | { readonly kind: 'answeredLate'; readonly startedAt: number; readonly endedAt: number }
  /** A caller came away without an answer of 200. */
  | { readonly kind: 'callFailed'; readonly message: string };

/** An event, and who told it. */
export interface Entry {
  readonly worker: string;
  readonly event: WorkerEvent;
}

/** What happened so far, printed as it happens. */
export interface Journal {
  readonly entries: readonly Entry[];
  add(worker: string, event: WorkerEvent): void;
  /** Prints a line of the demo's own. */
  say(text: string): void;
  /** Resolves as soon as a condition holds, which is looked at after every entry. */
  until(isReached: () => boolean): Promise<void>;
}

type Group = [Entry, ...Entry[]];

/** Several workers tell the same within this time: one line for all of them. */
const groupForMs = 400;

/** What is told within that time, in the order of cause and effect: each process has its own delays. */
const orderOfKinds = ['rejected', 'lockTakenOver', 'refreshed', 'adopted', 'answeredLate'];

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
  const added = new EventEmitter<{ entry: [] }>();
  /** The tokens by the time at which they were obtained, numbered as they were told of. */
  const numbers = new Map<number, number>();
  let groups = new Map<string, Group>();
  let groupedSince = 0;
  let timer: NodeJS.Timeout | undefined;

  function line(at: number, text: string): void {
    print(`${((at - startedAt) / 1_000).toFixed(1).padStart(5)} s  ${text}`);
  }

  function flush(): void {
    const texts = [...groups.values()]
      .sort(([one], [other]) => placeOf(one) - placeOf(other))
      .map((group) => describe(group, numbers));
    clearTimeout(timer);
    groups = new Map();
    for (const text of texts) line(groupedSince, text);
  }

  return {
    entries,
    add(worker, event) {
      const entry = { worker, event };
      const obtainedAt = 'obtainedAt' in event ? event.obtainedAt : 0;
      if (obtainedAt > 0 && !numbers.has(obtainedAt)) numbers.set(obtainedAt, numbers.size + 1);
      const key = `${event.kind} ${obtainedAt}`;
      if (groups.size === 0) {
        groupedSince = Date.now();
        timer = setTimeout(flush, groupForMs).unref();
      }
      const group = groups.get(key);
      if (group) group.push(entry);
      else groups.set(key, [entry]);
      entries.push(entry);
      added.emit('entry');
    },
    say(text) {
      flush();
      line(Date.now(), text);
    },
    async until(isReached) {
      while (!isReached()) await once(added, 'entry');
    },
  };
}

/** The tokens that were fetched so far, in the order in which they were obtained. */
export function fetchedTokens(entries: readonly Entry[]) {
  return entries
    .map(({ event }) => event)
    .filter((event) => event.kind === 'refreshed')
    .sort((one, other) => one.obtainedAt - other.obtainedAt);
}

function placeOf({ event }: Entry): number {
  return orderOfKinds.indexOf(event.kind);
}

function describe(group: Group, numbers: ReadonlyMap<number, number>): string {
  const [{ event }] = group;
  const workers = [...new Set(group.map(({ worker }) => worker))].sort();
  const names = new Intl.ListFormat('en').format(workers);
  const token = 'obtainedAt' in event ? `token ${numbers.get(event.obtainedAt) ?? '?'}` : '';
  switch (event.kind) {
    case 'rejected':
      return `${names} got a 401 for ${token}`;
    case 'lockTakenOver':
      return `${names} took the refresh lock over: its owner is ${event.ownerState}`;
    case 'refreshed':
      return `${names} fetched ${token}, ${reasons[event.reason]}`;
    case 'adopted':
      return `${names} took ${token} from the file`;
    case 'answeredLate': {
      const waits = group.map(({ event }) =>
        event.kind === 'answeredLate' ? event.endedAt - event.startedAt : 0,
      );
      return `${group.length} callers of ${names} are served, after ${Math.max(...waits)} ms at the most`;
    }
    case 'callFailed':
      return `${group.length} calls of ${names} failed: ${event.message}`;
    case 'refreshFailed':
    case 'storeFailed':
      return `${names} told ${event.kind}: ${event.message}`;
  }
}

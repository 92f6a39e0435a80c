const pollMs = 100;
const pollJitterMs = 150;

/** The time between two looks of one of many: 100 to 250 ms. */
export function jitteredDelayMs(): number {
  return pollMs + Math.random() * pollJitterMs;
}

/** Looks again and again, after a delay that is chosen anew each time, and keeps no process alive for it. */
export function poll(delayMs: () => number, look: () => void): () => void {
  let timer: NodeJS.Timeout;
  function schedule(): void {
    timer = setTimeout(() => {
      look();
      schedule();
    }, delayMs()).unref();
  }
  schedule();
  return () => clearTimeout(timer);
}

/**
 * Creates the function that returns how many milliseconds ago an instant was, which any host may have dated: one
 * that lies ahead counts from now, when this process first sees it. It counts by whichever of its two clocks went
 * further: the date may be set back, and the other one may stand still while the machine is suspended.
 */
export function createElapsed(): (instant: number) => number {
  let seen:
    { readonly instant: number; readonly date: number; readonly running: number } | undefined;
  return (instant) => {
    const date = Date.now();
    const running = performance.now();
    if (seen?.instant !== instant) {
      const agoMs = Math.max(0, date - instant);
      seen = { instant, date: date - agoMs, running: running - agoMs };
    }
    return Math.max(date - seen.date, running - seen.running);
  };
}

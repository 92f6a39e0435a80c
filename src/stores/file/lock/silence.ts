/** The longest time between two looks that counts: in a longer one, this process may have been frozen itself. */
const longestGapMs = 1_000;

/** Takes what is seen at a look; returns for how many milliseconds it has been seen unchanged. */
export type SilenceMeter = (sight: string) => number;

/** Creates the memory of one observer. It counts its own running time and compares no clocks. */
export function createSilenceMeter(): SilenceMeter {
  let seen: string | undefined;
  let lookedAt = 0;
  let silentMs = 0;
  return (sight) => {
    const now = performance.now();
    silentMs = sight === seen ? silentMs + Math.min(now - lookedAt, longestGapMs) : 0;
    seen = sight;
    lookedAt = now;
    return silentMs;
  };
}

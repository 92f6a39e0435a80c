import { isFull } from '../helpers/full.js';

/** How often a property is tried: less in `npm test`, more in test:full, or as `PROPERTY_RUNS=100000` says. */
export function runs(usual: number): { numRuns: number } {
  const { PROPERTY_RUNS = isFull ? usual * 4 : Math.ceil(usual / 4) } = process.env;
  return { numRuns: Number(PROPERTY_RUNS) };
}

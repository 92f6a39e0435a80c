/** How often a property is tried; `PROPERTY_RUNS=100000` tries all of them that often. */
export function runs(usual: number): { numRuns: number } {
  return { numRuns: Number(process.env.PROPERTY_RUNS ?? usual) };
}

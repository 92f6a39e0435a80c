/** Whether this is `npm run test:full`, which tries all cases; `npm test` tries those that prove the promise. */
export const isFull = process.env.TEST_FULL === 'true';

/** All of the cases in `npm run test:full`, the first ones in `npm test`. */
export function firstOf<Case>(count: number, cases: readonly Case[]): readonly Case[] {
  return isFull ? cases : cases.slice(0, count);
}

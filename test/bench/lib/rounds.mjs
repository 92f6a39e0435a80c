/**
 * Measures each member once a round, forwards and backwards by turns, so that what happens on the machine
 * meets all alike. Gives the results of each in the order of the rounds: those of one round are pairs.
 */
export async function takeTurns(members, rounds, measure) {
  const results = new Map(members.map((member) => [member, []]));
  for (let round = 0; round < rounds; round++) {
    for (const member of round % 2 === 0 ? members : members.toReversed()) {
      results.get(member).push(await measure(member));
    }
  }
  return results;
}

/** A field of each result. */
export function all(results, field) {
  return results.map((result) => result[field]);
}

/** How long background refreshes rest after a failure that names no time. */
const restMs = 10_000;
/** The same token again is not asked for more often than this. */
const sameTokenRestMs = 1_000;

/** What background refreshes rest for: a failure, or the same token again. */
export interface Rest {
  /** Begins a rest after a failure, which may name its end in epoch ms. */
  afterFailure(retryAt: number | undefined): void;
  /** Begins a rest after a token that is the same again; any other ends it. */
  afterToken(token: { readonly isSame: boolean }): void;
  /** Whether it is not over. */
  isOn(): boolean;
  /** Its end in epoch ms. */
  until(): number;
}

/** Creates a {@link Rest} that has not begun. */
export function createRest(): Rest {
  let since = 0;
  let until = 0;

  function rest(end: number): void {
    since = Date.now();
    until = end;
  }

  return {
    afterFailure: (retryAt = Date.now() + restMs) => rest(retryAt),
    afterToken: ({ isSame }) => rest(isSame ? Date.now() + sameTokenRestMs : 0),
    isOn() {
      // A rest that began later than now is over: the clock has been set back since.
      const now = Date.now();
      return since <= now && now < until;
    },
    until: () => until,
  };
}

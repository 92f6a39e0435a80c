/** How long background refreshes rest after a failure that names no time. */
const restMs = 10_000;
/** How long they rest after the endpoint gave the same token again. */
const sameTokenRestMs = 1_000;

/** The pause of background refreshes after a failure, or after the same token again. */
export interface Rest {
  /** Starts a pause after a failure, which may name its end in epoch ms. */
  afterFailure(retryAt: number | undefined): void;
  /** Starts a pause after the same token again; another token ends it. */
  afterToken(token: { readonly isSame: boolean }): void;
  /** Returns whether the pause is not over. */
  isOn(): boolean;
  /** Returns its end in epoch ms. */
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
      // A pause that starts later than now is over: the clock has been set back since.
      const now = Date.now();
      return since <= now && now < until;
    },
    until: () => until,
  };
}

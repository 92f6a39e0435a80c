export interface Holds {
  /** Begins a hold and returns its release. */
  add(): () => void;
  /** Resolves when every hold of this moment has been released. */
  whenReleased(): Promise<unknown>;
}

export function createHolds(): Holds {
  const holds = new Set<Promise<void>>();

  return {
    add() {
      let open: () => void;
      const hold = new Promise<void>((resolve) => {
        open = resolve;
      });
      holds.add(hold);
      return () => {
        holds.delete(hold);
        open();
      };
    },
    whenReleased: () => Promise.all(holds),
  };
}

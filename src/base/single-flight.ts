import { outside } from './outside.js';

/** One asynchronous task that all who ask while it runs share. */
export interface SingleFlight<Result> {
  /** The run under way, if there is one. */
  current(): Promise<Result> | undefined;
  /** Joins the run under way or starts one, outside the async context of whoever asks. */
  run(task: () => Promise<Result>): Promise<Result>;
}

/** Creates a {@link SingleFlight}; a run that fails with nobody waiting raises no unhandled rejection. */
export function singleFlight<Result>(): SingleFlight<Result> {
  let flight: Promise<Result> | undefined;
  return {
    current: () => flight,
    run(task) {
      if (flight) return flight;
      const land = (): void => void (flight = undefined);
      flight = outside(task).finally(land);
      flight.catch(() => undefined);
      return flight;
    },
  };
}

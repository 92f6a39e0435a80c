/** Runs something while keeping the process alive for it: all other timers of a manager do not. */
export async function keepingAlive<Result>(task: Promise<Result>): Promise<Result> {
  const timer = setInterval(() => undefined, 2 ** 31 - 1);
  try {
    return await task;
  } finally {
    clearInterval(timer);
  }
}

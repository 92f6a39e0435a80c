// What a program sees of the manager that it uses. It loads this before the package, whose import may not add a listener either.
const countListeners = () =>
  new Map(process.eventNames().map((name) => [String(name), process.listenerCount(name)]));
const atStart = countListeners();

/** Uses a manager and closes it; gives what the store failed in, and the events with more listeners than at the start. */
export async function seenBy(manager, use) {
  const storeFailures = [];
  manager.on('storeFailed', ({ operation, message }) =>
    storeFailures.push(`${operation}: ${message}`),
  );
  await use();
  await manager.close();
  const listeners = [...countListeners()]
    .filter(([name, count]) => count > (atStart.get(name) ?? 0))
    .map(([name]) => name);
  return { storeFailures, listeners };
}

/** The same, printed. */
export async function printSeen(manager, use) {
  console.log(JSON.stringify(await seenBy(manager, use)));
}

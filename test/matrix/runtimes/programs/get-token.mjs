/** Gets a token; prints what became of the store, and which listeners are left on the process. */
export async function getToken(manager) {
  const storeFailures = [];
  manager.on('storeFailed', ({ operation, message }) =>
    storeFailures.push(`${operation}: ${message}`),
  );
  console.log('waits for a token');
  await manager.getToken();
  await manager.close();
  const listeners = process.eventNames().filter((name) => String(name).startsWith('SIG'));
  console.log(JSON.stringify({ storeFailures, listeners }));
}

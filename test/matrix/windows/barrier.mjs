// Where processes meet: each asks for a place by its name, and all are answered when the last of them has come.
import { once } from 'node:events';
import { createServer } from 'node:http';

/** Starts it for so many processes; `onMeeting` is called with the name when all have come, before they go on. */
export async function startBarrier(count, onMeeting = () => undefined) {
  const waiting = new Map();
  const server = createServer((request, response) => {
    const name = request.url.slice(1);
    const here = [...(waiting.get(name) ?? []), response];
    waiting.set(name, here);
    if (here.length < count) return;
    onMeeting(name);
    for (const one of here) one.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

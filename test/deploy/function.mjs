// What calls the handler of a function: one call a message, its answer back.
import { handler } from '../../examples/deploy/lambda/handler.mjs';

process.on('message', async (event) => {
  const answer = await handler(event, {}).catch(({ message }) => ({ message }));
  process.send(answer);
});
process.send('ready');

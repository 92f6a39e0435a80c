import { expect, it } from 'vitest';
import { memoryStore, type TokenStore } from '../../src/index.js';
import { apiSecret, at, follow, pass, second, settle, start, useFakeClock } from './setup.js';

useFakeClock();

const force = { forceRefresh: true };

it('lets later forced calls join a forced refresh whose request has not been sent', async () => {
  let giveSecret = (): void => undefined;
  const secret = new Promise<string>((resolve) => (giveSecret = () => resolve(apiSecret)));
  const subject = start({ apiSecret: () => secret });
  const calls = [subject.manager.getToken(force)];
  await pass(5);
  calls.push(subject.manager.getToken(force));
  await pass(5);
  giveSecret();
  await settle();
  at(subject.requests, 0).grant('token-1');
  for (const token of await Promise.all(calls)) expect(token.accessToken).toBe('token-1');
  expect(subject.requests).toHaveLength(1);
});

it('drops what a store reads after its time limit', async () => {
  const base = memoryStore();
  let answer = (): void => undefined;
  let reads = 0;
  const store: TokenStore = {
    open(identity) {
      const session = base.open(identity);
      const hang = (): Promise<undefined> =>
        new Promise((resolve) => (answer = () => resolve(undefined)));
      return { ...session, read: () => (reads++ === 0 ? hang() : session.read()) };
    },
  };
  const subject = start({ store });
  const token = follow(subject.manager.getToken());
  await pass(6 * second);
  at(subject.requests, 0).grant('token-1');
  await settle();
  expect(token()).toMatchObject({ value: { accessToken: 'token-1' } });
  const before = subject.events.length;
  answer();
  await settle();
  expect(subject.events).toHaveLength(before);
  expect((await subject.manager.getToken()).accessToken).toBe('token-1');
});

import type { RedisPort } from './client.js';

type Subscribe = RedisPort['subscribe'];
type Listener = Parameters<Subscribe>;

/** A connection that listens to one channel, and those who wait on it. */
interface Subscription {
  readonly waiting: Set<{ onMessage: Listener[1]; onFailure: Listener[2] }>;
  readonly close: () => void;
}

const subscriptionsOf = new WeakMap<object, Map<string, Subscription>>();

/**
 * Lets all who wait on one channel through one client share a connection, whatever their number. It is closed
 * with the last of them. A failure reaches all, and the next one who waits tries again.
 */
export function sharedSubscription(client: object, subscribe: Subscribe): Subscribe {
  const subscriptions = subscriptionsOf.get(client) ?? new Map<string, Subscription>();
  subscriptionsOf.set(client, subscriptions);

  function open(channel: string): Subscription {
    const waiting: Subscription['waiting'] = new Set();
    const close = subscribe(
      channel,
      () => waiting.forEach(({ onMessage }) => onMessage()),
      (error) => {
        forget(channel, subscription);
        waiting.forEach(({ onFailure }) => onFailure(error));
      },
    );
    const subscription = { waiting, close };
    subscriptions.set(channel, subscription);
    return subscription;
  }

  function forget(channel: string, subscription: Subscription): void {
    if (subscriptions.get(channel) === subscription) subscriptions.delete(channel);
  }

  return (channel, onMessage, onFailure) => {
    const subscription = subscriptions.get(channel) ?? open(channel);
    const listener = { onMessage, onFailure };
    subscription.waiting.add(listener);
    return () => {
      subscription.waiting.delete(listener);
      if (subscription.waiting.size > 0) return;
      forget(channel, subscription);
      subscription.close();
    };
  };
}

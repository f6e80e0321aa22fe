import type { Gap, TopicMessage } from '@parley/client';

/** A message as it came, or the place where some are missing for good. */
export type StreamEntry =
  | { readonly kind: 'message'; readonly key: number; readonly message: TopicMessage; readonly at: number }
  | { readonly kind: 'gap'; readonly key: number; readonly at: number };

export interface Subscription {
  readonly pattern: string;
  readonly state: 'asking' | 'active' | 'refused';
  readonly error: unknown;
  /** How many have come, also of those that are not kept. */
  readonly count: number;
  /** The newest of them, newest last. */
  readonly entries: readonly StreamEntry[];
}

/** Of each subscription. */
export const KEPT = 300;

export function newSubscription(pattern: string): Subscription {
  return { pattern, state: 'asking', error: undefined, count: 0, entries: [] };
}

export function withEntry(subscription: Subscription, entry: StreamEntry): Subscription {
  const entries = [...subscription.entries, entry].slice(-KEPT);
  return { ...subscription, entries, count: subscription.count + (entry.kind === 'message' ? 1 : 0) };
}

export function changed(
  subscriptions: readonly Subscription[],
  pattern: string,
  change: (subscription: Subscription) => Subscription,
): readonly Subscription[] {
  return subscriptions.map((one) => (one.pattern === pattern ? change(one) : one));
}

/** The gap is shown in each of the streams that have it. */
export function withGap(subscriptions: readonly Subscription[], { patterns }: Gap, key: number, at: number) {
  const missing = new Set(patterns);
  return subscriptions.map((one) => {
    // Nothing had come yet: nobody can say that something is missing.
    if (!missing.has(one.pattern) || one.entries.length === 0) return one;
    return withEntry(one, { kind: 'gap', key, at });
  });
}

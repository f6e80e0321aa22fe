import { callSafely } from '../transport/emitter.js';
import { covers } from './pattern.js';
import type { Subscribed, TopicMessage } from './topics-messages.js';

export type TopicHandler = (message: TopicMessage) => void;

/** Missed messages that can't be had any more: the app has to load its state of these topics afresh. */
export interface Gap {
  readonly patterns: readonly string[];
}

export interface Entry {
  readonly pattern: string;
  readonly handlers: Set<TopicHandler>;
  /** Resolves when the server has agreed for the first time. */
  readonly agreed: Promise<void>;
  active: boolean;
  /** Of the newest message that came; what to recover from. */
  sequence: number | undefined;
}

/** Who listens to what, and how far each subscription has heard. */
export class Subscriptions {
  private readonly exact = new Map<string, Entry>();
  private readonly wild = new Map<string, Entry>();

  get(pattern: string): Entry | undefined {
    return this.mapOf(pattern).get(pattern);
  }

  /** `agreed` is that of the message which asks for it. */
  add(pattern: string, agreed: Promise<void>): Entry {
    const entry: Entry = { pattern, handlers: new Set(), agreed, active: false, sequence: undefined };
    this.mapOf(pattern).set(pattern, entry);
    return entry;
  }

  remove(pattern: string): void {
    this.mapOf(pattern).delete(pattern);
  }

  /** Those that the server has agreed to. */
  active(): readonly Entry[] {
    return [...this.exact.values(), ...this.wild.values()].filter((entry) => entry.active);
  }

  deliver(message: TopicMessage): void {
    const { topic, metadata } = message;
    const exact = this.exact.get(topic);
    if (exact !== undefined) hear(exact, message, metadata.sequence);
    for (const entry of this.wild.values()) {
      if (covers(entry.pattern, topic)) hear(entry, message, metadata.sequence);
    }
  }

  /** After a resubscription: which of them have missed something for good. */
  resumed(entries: readonly Entry[], answer: Subscribed | undefined): Gap | undefined {
    const missed = entries.filter((entry) => {
      const { recovered = false, sequence } = answer?.recovered?.[entry.pattern] ?? {};
      entry.sequence = recovered ? entry.sequence : sequence;
      return !recovered;
    });
    return missed.length === 0 ? undefined : { patterns: missed.map(({ pattern }) => pattern) };
  }

  private mapOf(pattern: string): Map<string, Entry> {
    return pattern.includes('*') || pattern.endsWith('>') ? this.wild : this.exact;
  }
}

function hear(entry: Entry, message: TopicMessage, sequence: number): void {
  entry.sequence = Math.max(entry.sequence ?? 0, sequence);
  for (const handler of [...entry.handlers]) callSafely(() => handler(message));
}

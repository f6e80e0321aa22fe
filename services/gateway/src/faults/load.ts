import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Answer, Received, TopicsClient } from './topics-client.js';

/** So that one connection may publish as fast as it can, and nothing that a test misses is too old to be read. */
export const roomy = {
  PARLEY_LOG_LEVEL: 'warn',
  PARLEY_MESSAGES_PER_SECOND: '100000',
  PARLEY_MESSAGE_BURST: '100000',
  PARLEY_TOPICS_KEPT_MESSAGES: '100000',
  PARLEY_TOPICS_HISTORY_MESSAGES: '100000',
};

const REST_AFTER_ERROR_MS = 20;

export interface LoadOptions {
  readonly name: string;
  readonly topics: readonly string[];
  /** Messages under way at once. */
  readonly window: number;
  /**
   * Send what was not acknowledged again, under its id, until it is. Otherwise it is let go, and may have been delivered or
   * not.
   */
  readonly insist?: boolean;
  /** Where to go on when the connection breaks; without it, the load ends there. */
  readonly reconnect?: () => Promise<TopicsClient>;
}

/** Publishes until stopped, as fast as its window allows. Every payload is unique in the test: `<name>-<number>`. */
export class Load {
  /** Codes of refusals, and how often; 0 is a connection that broke. */
  readonly refused = new Map<number, number>();
  count = 0;
  private readonly lists = new Map<string, Confirmed[]>();
  private sent = 0;
  private running = true;
  private client: TopicsClient;
  private reconnecting: Promise<TopicsClient> | undefined;
  private readonly done: Promise<unknown>;

  constructor(
    client: TopicsClient,
    private readonly options: LoadOptions,
  ) {
    this.client = client;
    this.done = Promise.all(Array.from({ length: options.window }, () => this.lane()));
    this.done.catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.done;
  }

  private async lane(): Promise<void> {
    while (this.running) await this.publish();
  }

  private async publish(): Promise<void> {
    const number = this.sent++;
    const { name, topics, insist } = this.options;
    const topic = topics[number % topics.length] ?? '';
    const payload = `${name}-${String(number)}`;
    const confirmed: Confirmed = { payload, answered: false };
    // Entered as it is sent, so that the list has the order of sending.
    const list = this.lists.get(topic) ?? [];
    this.lists.set(topic, list);
    list.push(confirmed);
    do {
      const answer = await this.client.ask('Broadcast', { topic, payload }, payload);
      if (answer.kind === 'ack') {
        confirmed.answered = true;
        this.count += 1;
      } else {
        this.note(answer);
        if (answer.kind === 'closed') await this.returnOrEnd();
        await sleep(REST_AFTER_ERROR_MS);
      }
    } while (insist === true && !confirmed.answered && this.client.open);
  }

  /** What was acknowledged on the topic, in the order of sending. */
  confirmed(topic: string): string[] {
    return (this.lists.get(topic) ?? []).filter(({ answered }) => answered).map(({ payload }) => payload);
  }

  private note(answer: Exclude<Answer, { kind: 'ack' }>): void {
    const code = answer.kind === 'closed' ? 0 : answer.code;
    this.refused.set(code, (this.refused.get(code) ?? 0) + 1);
  }

  private async returnOrEnd(): Promise<void> {
    const { reconnect } = this.options;
    if (reconnect === undefined) {
      this.running = false;
      return;
    }
    const broken = this.client;
    this.reconnecting ??= reconnect();
    const fresh = await this.reconnecting;
    if (this.client !== broken) return;
    this.client = fresh;
    this.reconnecting = undefined;
  }
}

interface Confirmed {
  readonly payload: string;
  answered: boolean;
}

/** Everything confirmed by these loads on these topics. */
export function confirmedOn(loads: readonly Load[], topics: readonly string[]): string[] {
  return loads.flatMap((load) => topics.flatMap((topic) => load.confirmed(topic)));
}

export function payloadsOf(received: readonly Received[]): unknown[] {
  return received.map(({ payload }) => payload);
}

export function hasAll(received: readonly Received[], wanted: readonly string[]): boolean {
  const got = new Set(payloadsOf(received));
  return wanted.every((payload) => got.has(payload));
}

/** Nothing twice, each topic in the order of its stream. */
export function expectOnceAndInOrder(received: readonly Received[]): void {
  expect(new Set(payloadsOf(received)).size, 'nothing twice').toBe(received.length);
  const last = new Map<string, number>();
  for (const { topic, sequence } of received) {
    expect(sequence, `order on ${topic}`).toBeGreaterThan(last.get(topic) ?? 0);
    last.set(topic, sequence);
  }
}

/** What a load that never repeats itself had confirmed came in the order in which it was sent. */
export function expectOrderOf(load: Load, topic: string, received: readonly Received[]): void {
  const wanted = load.confirmed(topic);
  const among = new Set<unknown>(wanted);
  expect(payloadsOf(received.filter((one) => one.topic === topic)).filter((one) => among.has(one))).toEqual(wanted);
}

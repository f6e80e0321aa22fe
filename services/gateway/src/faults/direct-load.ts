import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Person } from './people.js';
import type { TopicsClient } from './topics-client.js';

const REST_AFTER_ERROR_MS = 20;

/** Direct messages to one user, one after the other; each is sent again under its id until it is accepted. */
export class DirectLoad {
  /** In the order of sending: delivered at once, or queued. */
  readonly accepted: string[] = [];
  queued = 0;
  /** Codes of refusals, and how often. */
  readonly refused = new Map<number, number>();
  private running = true;
  private readonly done: Promise<void>;

  constructor(
    private readonly client: TopicsClient,
    readonly target: Person,
  ) {
    this.done = this.run();
    this.done.catch(() => undefined);
  }

  get count(): number {
    return this.accepted.length;
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.done;
  }

  private async run(): Promise<void> {
    for (let number = 1; this.running; number++) {
      const payload = `${this.target.username}-${String(number)}`;
      while (!(await this.accept(payload))) await sleep(REST_AFTER_ERROR_MS);
      this.accepted.push(payload);
    }
  }

  private async accept(payload: string): Promise<boolean> {
    const answer = await this.client.ask('DirectMessage', { target_user: this.target.id, payload }, payload);
    if (answer.kind === 'ack') return true;
    if (answer.kind === 'closed') throw new Error('the sender was closed');
    if (answer.code === 404 && answer.queued === true) {
      this.queued += 1;
      return true;
    }
    this.refused.set(answer.code, (this.refused.get(answer.code) ?? 0) + 1);
    return false;
  }
}

/**
 * All of it came, in order. A crash exactly between the writing to a socket and its being noted may deliver a message once
 * more; then it must be under the same `message_id`. Returns how many came more than once.
 */
export function expectDelivered({ accepted }: DirectLoad, receiver: TopicsClient): number {
  const first = new Map<unknown, string>();
  let repeats = 0;
  for (const { payload, messageId } of receiver.directs) {
    const known = first.get(payload);
    if (known === undefined) {
      first.set(payload, messageId);
    } else {
      repeats += 1;
      expect(messageId, `the id of a repeated ${String(payload)}`).toBe(known);
    }
  }
  expect([...first.keys()]).toEqual(accepted);
  expect(new Set(first.values()).size, 'one id per message').toBe(accepted.length);
  return repeats;
}

export function hasAllDirect({ accepted }: DirectLoad, receiver: TopicsClient): boolean {
  const got = new Set(receiver.directs.map(({ payload }) => payload));
  return accepted.every((payload) => got.has(payload));
}

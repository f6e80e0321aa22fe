import { waitFor } from '@parley/testing';
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
 * Resolves when all of it came. To one of the receivers, where they are connections of the same user: what could not be
 * delivered at once waits, and what waits is given to one connection only.
 */
export async function allDelivered(
  load: DirectLoad,
  receivers: readonly TopicsClient[],
  deadlineMs: number,
): Promise<void> {
  try {
    await waitFor(() => missing(load, receivers).length === 0, 'all of it', deadlineMs);
  } catch (error) {
    const left = missing(load, receivers);
    const range = `the first ${left[0] ?? 'none'}, the last ${left.at(-1) ?? 'none'}`;
    const open = receivers.filter((receiver) => receiver.open).length;
    throw new Error(
      `${String(left.length)} of ${String(load.count)} direct messages to ${load.target.username} are missing (${range}); ` +
        `${String(load.queued)} were queued, ${String(open)} of ${String(receivers.length)} receivers are open`,
      { cause: error },
    );
  }
}

function missing({ accepted }: DirectLoad, receivers: readonly TopicsClient[]): string[] {
  const got = new Set(receivers.flatMap(({ directs }) => directs.map(({ payload }) => payload)));
  return accepted.filter((payload) => !got.has(payload));
}

/**
 * Nothing else came, and to each receiver in order. A crash exactly between the writing to a socket and its being noted
 * may deliver a message once more; then it must be under the same `message_id`. Returns how many a receiver got more than
 * once.
 */
export function expectDelivered({ accepted }: DirectLoad, receivers: readonly TopicsClient[]): number {
  const ids = new Map<unknown, string>();
  let repeats = 0;
  for (const { directs } of receivers) {
    const first = new Set<unknown>();
    for (const { payload, messageId } of directs) {
      expect(messageId, `the id of ${String(payload)}`).toBe(ids.get(payload) ?? messageId);
      ids.set(payload, messageId);
      if (first.has(payload)) repeats += 1;
      first.add(payload);
    }
    expect([...first], 'in order').toEqual(accepted.filter((payload) => first.has(payload)));
  }
  expect(new Set(ids.values()).size, 'one id per message').toBe(accepted.length);
  return repeats;
}

import { messaging, newUserId, type UserId } from '@parley/contracts';
import { expect } from 'vitest';
import type { FakeGateway } from './fake-gateway.js';
import type { MessagingFixture } from './messaging-fixture.js';

/** One sender per user, each of whom sends again under the same key until it is answered. */
export class DirectLoad {
  readonly #users: readonly UserId[];
  readonly #sent: Map<UserId, number>;
  readonly #senders: Promise<void>[];
  #sending = true;
  retries = 0;

  constructor(
    private readonly fixture: MessagingFixture,
    private readonly gateway: FakeGateway,
    users: readonly UserId[],
  ) {
    this.#users = users;
    this.#sent = new Map(users.map((user) => [user, 0]));
    this.#senders = users.map((user) => this.#send(user, newUserId()));
  }

  get sent(): number {
    return [...this.#sent.values()].reduce((sum, n) => sum + n, 0);
  }

  async stop(): Promise<void> {
    this.#sending = false;
    await Promise.all(this.#senders);
  }

  /** Each message that was answered is written, once, in the order in which it was sent. */
  get complete(): boolean {
    return this.#users.every((user) => this.#written(user).length >= (this.#sent.get(user) ?? 0));
  }

  expectAllOnceInOrder(): void {
    for (const user of this.#users) {
      const expected = Array.from({ length: this.#sent.get(user) ?? 0 }, (_, n) => `"${user} ${String(n)}"`);
      expect(this.#written(user)).toEqual(expected);
    }
  }

  #written(user: UserId): readonly string[] {
    return this.gateway.written.filter(({ text }) => text.startsWith(`"${user} `)).map(({ text }) => text);
  }

  async #send(to: UserId, from: UserId): Promise<void> {
    for (let n = 0; this.#sending; n++) {
      const request = { from, to, format: 'json' as const, idempotencyKey: String(n) };
      const body = Buffer.from(`"${to} ${String(n)}"`);
      while (!(await this.fixture.bus.call(messaging.sendDirect, request, { body, deadlineMs: 2_000 })).ok)
        this.retries++;
      this.#sent.set(to, n + 1);
    }
  }
}

import { rooms, type RoomId } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { valueOf, type Person, type RoomsFixture } from './rooms-fixture.js';

const RETRY_MS = 50;

interface Acknowledged {
  readonly id: string;
  readonly version: number;
}

/**
 * Writers that do as clients do: one operation at a time, sent again under its id until it is acknowledged, and joining
 * anew whenever they are not known. Each inserts a word of its own, so that the document tells what it was made of.
 */
export class RoomsLoad {
  readonly #acknowledged = new Map<RoomId, Acknowledged[]>();
  readonly #working: Promise<void>[] = [];
  readonly #counts: number[] = [];
  #stopped = false;

  private constructor(private readonly fixture: RoomsFixture) {}

  /** So many writers in each of the rooms. */
  static async start(fixture: RoomsFixture, roomIds: readonly RoomId[], writers: number): Promise<RoomsLoad> {
    const load = new RoomsLoad(fixture);
    for (const roomId of roomIds) {
      load.#acknowledged.set(roomId, []);
      for (let i = 0; i < writers; i++) {
        const person = fixture.person();
        await load.#persist(() => fixture.tryJoin(person, roomId));
        load.#working.push(load.#write(roomId, person, load.#counts.push(0) - 1));
      }
    }
    return load;
  }

  get count(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  /** Until so many more are acknowledged. */
  async more(count: number): Promise<void> {
    const goal = this.count + count;
    await waitFor(() => this.count >= goal, `${String(count)} more operations`, 60_000);
  }

  /** Until everybody has had one acknowledged that was sent after now. */
  async eachWrites(): Promise<void> {
    const before = [...this.#counts];
    const all = (): boolean => this.#counts.every((count, index) => count >= (before[index] ?? 0) + 2);
    await waitFor(all, 'every writer to write', 60_000);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#working);
  }

  /** The log, the document, the events and what was acknowledged all say the same. */
  async expectOneTruth(): Promise<void> {
    for (const [roomId, acknowledged] of this.#acknowledged) {
      const log = await this.fixture.log(roomId);
      expect(log.map(({ version }) => version)).toEqual(log.map((_, index) => index + 2));
      const versions = new Map(log.map((row) => [row.operation_id, row.version]));
      expect(versions.size).toBe(log.length);
      for (const { id, version } of acknowledged) expect(versions.get(id)).toBe(version);
      // Each writer waited for its last acknowledgement: nothing else was written.
      expect(log.length).toBe(acknowledged.length);
      await waitFor(
        async () => (await this.fixture.announced(roomId)).length >= log.length,
        'all of it to be announced',
        20_000,
      );
      const announced = await this.fixture.announced(roomId);
      expect(announced).toEqual(
        log.map((row) => ({ version: row.version, id: row.operation_id, text: row.operation })),
      );
      const { content, version } = await this.#document(roomId);
      expect(version).toBe(log.length + 1);
      const words = content.split(' ').filter((word) => word !== '');
      expect(words.sort()).toEqual(log.map((row) => row.operation_id).sort());
    }
  }

  async #document(roomId: RoomId): Promise<{ content: string; version: number }> {
    const actorId = this.fixture.newUser();
    const room = await this.#persist(() => this.fixture.bus.call(rooms.get, { actorId, roomId }));
    let text = room.content.kind === 'whole' ? room.content.text : '';
    for (let piece = 0; room.content.kind === 'pieces' && piece < room.content.count; piece++) {
      const request = { actorId, roomId, version: room.version, piece };
      text += valueOf(await this.fixture.bus.call(rooms.content, request)).text;
    }
    return { content: String(JSON.parse(text)), version: room.version };
  }

  async #write(roomId: RoomId, person: Person, index: number): Promise<void> {
    let base = 1;
    while (!this.#stopped) {
      const id = randomUUID();
      const version = await this.#submit(roomId, person, base, id);
      base = version;
      this.#acknowledged.get(roomId)?.push({ id, version });
      this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    }
  }

  /** The word goes to the front, where it fits any version. */
  async #submit(roomId: RoomId, person: Person, first: number, id: string): Promise<number> {
    let base = first;
    for (;;) {
      const reply = await this.fixture.submit(person, roomId, base, [`${id} `], { id });
      if (!reply.ok) {
        await sleep(RETRY_MS);
        if (reply.error.code === 'conflict') await this.fixture.tryJoin(person, roomId);
      } else if (reply.value.result === 'version_mismatch') {
        base = reply.value.currentVersion;
      } else if (reply.value.result !== 'checksum_failed') {
        return reply.value.version;
      }
    }
  }

  async #persist<T>(ask: () => Promise<{ ok: true; value: T } | { ok: false }>): Promise<T> {
    for (;;) {
      const answer = await ask();
      if (answer.ok) return answer.value;
      await sleep(RETRY_MS);
    }
  }
}

import type { Bus } from '@parley/bus';
import {
  compile,
  newConnectionId,
  newGatewayId,
  newUserId,
  RoomId,
  rooms,
  type ConnectionId,
  type GatewayId,
  type Outcome,
  type UserId,
} from '@parley/contracts';
import { randomUUID } from 'node:crypto';
import { patiently } from '../harness/patiently.js';
import { isEdit, replay, type Edit } from './edits.js';

const roomIdCheck = compile(RoomId);
const PAGE = 1_000;

export interface Writer {
  readonly userId: UserId;
  readonly connectionId: ConnectionId;
  readonly roomId: RoomId;
}

/** Documents of the rooms service, made and checked over the bus as any other service would. */
export class Documents {
  private readonly actorId = newUserId();

  private constructor(
    private readonly bus: Bus,
    private readonly gatewayId: GatewayId,
  ) {}

  /** The bus counts as a gateway from now on, so that connections can be said to be on it. */
  static async open(bus: Bus, later: (end: () => Promise<unknown>) => void): Promise<Documents> {
    const gatewayId = newGatewayId();
    const startedAt = Date.now();
    const lease = await must(
      bus.holdLease(() => ({ gatewayId, startedAt, draining: false, connections: 0 })),
      'no lease',
    );
    later(() => lease.stop());
    return new Documents(bus, gatewayId);
  }

  /** Texts that anybody may write to. */
  async make(count: number, text: string): Promise<readonly RoomId[]> {
    const body = Buffer.from(JSON.stringify(text));
    const made: RoomId[] = [];
    for (let index = 0; index < count; index++) {
      const roomId: unknown = `bench-${randomUUID()}`;
      if (!roomIdCheck.is(roomId)) throw new Error('no room id');
      const request = { actorId: this.actorId, roomId, type: 'text', public: true } as const;
      await patiently('rooms', () => this.bus.call(rooms.create, request, { body }));
      made.push(roomId);
    }
    return made;
  }

  /** In the documents by turns, without a socket. */
  async writers(roomIds: readonly RoomId[], count: number): Promise<readonly Writer[]> {
    const joined: Writer[] = [];
    for (let index = 0; index < count; index++) {
      for (const roomId of roomIds.slice(index % roomIds.length, (index % roomIds.length) + 1)) {
        const who = { userId: newUserId(), connectionId: newConnectionId(), roomId };
        const request = { ...who, username: `bench_${index}`, gatewayId: this.gatewayId };
        await must(this.bus.call(rooms.join, request), 'a writer could not join');
        joined.push(who);
      }
    }
    return joined;
  }

  /** Versions without a gap, which give the document. How many operations there are. */
  async check(roomIds: readonly RoomId[], text: string): Promise<number> {
    let count = 0;
    for (const roomId of roomIds) {
      const edits = await this.log(roomId);
      const { version, content } = await must(
        this.bus.call(rooms.get, { actorId: this.actorId, roomId }),
        'no document',
      );
      if (version !== edits.length + 1) throw new Error(`at version ${version}, its log at ${edits.length + 1}`);
      if (content.kind !== 'whole') throw new Error('too long to be looked at');
      if (JSON.parse(content.text) !== replay(text, edits)) throw new Error('its log does not give the document');
      count += edits.length;
    }
    return count;
  }

  private async log(roomId: RoomId): Promise<readonly Edit[]> {
    const edits: Edit[] = [];
    for (let more = true; more;) {
      const since = edits.length + 1;
      const page = await must(
        this.bus.call(rooms.operations, { actorId: this.actorId, roomId, since, limit: PAGE }, { deadlineMs: 10_000 }),
        'no log',
      );
      if (page.result !== 'operations') throw new Error('the log was cut short');
      for (const { version, operation } of page.operations) {
        const edit: unknown = JSON.parse(operation);
        if (version !== edits.length + 2) throw new Error(`version ${edits.length + 2} is missing`);
        if (!isEdit(edit)) throw new Error(`version ${version} is no edit`);
        edits.push(edit);
      }
      ({ more } = page);
    }
    return edits;
  }
}

async function must<T>(asked: Promise<Outcome<T>>, complaint: string): Promise<T> {
  const outcome = await asked;
  if (!outcome.ok) throw new Error(`${complaint}: ${outcome.error.code}, ${outcome.error.message}`);
  return outcome.value;
}

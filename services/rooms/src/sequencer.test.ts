import { fail, newConnectionId, newGatewayId, newUserId, ok } from '@parley/contracts';
import { createDatabase } from '@parley/database';
import { defaultServerDocumentLimits } from '@parley/ot';
import { createLogger } from '@parley/telemetry';
import { waitFor } from '@parley/testing';
import { sql } from 'kysely';
import { randomUUID } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';
import type { Documents } from './documents.js';
import { retryPause } from './retry-pause.js';
import { RoomDocument } from './room-document.js';
import { Backlog, RoomEvents } from './room-events.js';
import { Room } from './room.js';
import type { RoomsTables } from './rooms.tables.js';
import { Sequencer } from './sequencer.js';
import { asRoomId } from './testing/rooms-fixture.js';

type Load = Documents['load'];

const logger = createLogger('rooms', { level: 'silent' });
// Never connected: nothing here asks it.
const { kysely } = createDatabase<RoomsTables>({ url: 'postgres://127.0.0.1:1/none', schema: 'rooms', logger });
const userId = newUserId();
const connectionId = newConnectionId();

let sequencer: Sequencer;
/** Throws in place of what it stands for, as often as it says. */
let failing: { writes: number; committed: number };
let load: Load;
let loads: number;
let pauses: number[];

beforeEach(() => {
  failing = { writes: 0, committed: 0 };
  [load, loads, pauses] = [(room) => Promise.resolve(open(room, 2)), 0, []];
  sequencer = new Sequencer({
    database: {
      kysely,
      prepared: () =>
        failing.writes-- > 0
          ? Promise.reject(Object.assign(new Error('down'), { code: 'ECONNREFUSED' }))
          : Promise.resolve({ rows: [], rowCount: 1 }),
    },
    leases: { holds: () => true, fenceQuery: () => sql<{ shard: number }>`SELECT 1` },
    documents: {
      load: (room) => {
        loads++;
        return load(room);
      },
      deepen: () => Promise.resolve(ok(false)),
      touch: () => undefined,
      drop: (room) => (room.document = undefined),
    },
    backlog: new Backlog(),
    logger,
    committed: () => {
      if (failing.committed-- > 0) throw new Error('torn');
    },
    sleep: (ms) => Promise.resolve(pauses.push(ms)),
  });
});

function open(room: Room, version: number) {
  const stored = { type: 'text', content: '', version, log: [] } as const;
  const opened = RoomDocument.open(stored, defaultServerDocumentLimits);
  if (!opened.ok) throw new Error(opened.error.message);
  room.document = opened.value;
  return opened;
}

/** With the user in it, and its document of version 1 in memory. */
function roomOf(id: string): Room {
  const roomId = asRoomId(id);
  const at = new Date();
  const head = { id: roomId, shard: 1, type: 'text', public: true, incarnation: randomUUID() } as const;
  const state = { snapshot_version: 1, announced_version: 1, unannounced: false, log_start: 1 };
  const seat = { room_id: roomId, connection_id: connectionId, shard: 1, gateway_id: newGatewayId() };
  const person = { user_id: userId, username: 'u', numeric_id: 1, role: 'editor', since: at, lost_at: null } as const;
  const opened = {
    head: { ...head, ...state, last_numeric_id: 1, created_at: at },
    members: new Map(),
    participants: [{ ...seat, ...person }],
  };
  const events = new RoomEvents({
    roomId,
    incarnation: head.incarnation,
    publish: () => Promise.resolve(ok({ sequence: 1, duplicate: false })),
    backlog: new Backlog(),
    ours: () => true,
    logger,
    announced: 1,
    position: 0,
  });
  const room = new Room(opened, events);
  open(room, 1);
  return room;
}

const submit = (room: Room, baseVersion: number) =>
  sequencer.submit(room, { author: { id: randomUUID(), userId, connectionId }, baseVersion, operation: ['x'] });

it('goes on when what follows a commit throws', async () => {
  const rooms = [roomOf('one'), roomOf('two')];
  failing.committed = 1;
  for (const outcome of await Promise.all(rooms.map((room) => submit(room, 1)))) {
    expect(outcome).toEqual(ok({ result: 'accepted', version: 2 }));
  }
  for (const room of rooms) expect(await submit(room, 2)).toEqual(ok({ result: 'accepted', version: 3 }));
  expect(loads).toBe(1);
});

it('goes on when what runs between commits throws', async () => {
  const torn = (): never => {
    throw new Error('torn');
  };
  await expect(sequencer.between(torn)).rejects.toThrow('torn');
  expect(await sequencer.between(() => Promise.resolve(1))).toBe(1);
  expect((await submit(roomOf('one'), 1)).ok).toBe(true);
});

it('tries to read a document again with pauses that grow, are not regular, and have an end', async () => {
  const room = roomOf('one');
  failing.writes = 1;
  load = (one) => Promise.resolve(loads <= 10 ? fail('unavailable', 'down') : open(one, 1));
  expect(await submit(room, 1)).toMatchObject({ error: { code: 'unavailable' } });
  await waitFor(() => room.document !== undefined, 'the document');
  expect(pauses).toHaveLength(10);
  pauses.forEach((pause, index) => {
    const full = Math.min(4_000, 250 * 2 ** index);
    expect(pause).toBeGreaterThanOrEqual(full / 2);
    expect(pause).toBeLessThan(full);
  });
  expect(new Set(pauses).size).toBe(10);
  expect(retryPause(1_000, () => 0.5)).toBe(3_000);
  expect((await submit(room, 1)).ok).toBe(true);
});

it('does not try again what no pause can mend', async () => {
  const room = roomOf('one');
  failing.writes = 1;
  load = () => Promise.resolve(fail('internal', 'broken'));
  expect((await submit(room, 1)).ok).toBe(false);
  await waitFor(() => !sequencer.busy(room), 'the sequencer to let go of it');
  expect([loads, pauses]).toEqual([1, []]);
});

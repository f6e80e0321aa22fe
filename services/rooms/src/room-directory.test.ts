import { fail, ok } from '@parley/contracts';
import { createLogger } from '@parley/telemetry';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AbsentRooms } from './absent-rooms.js';
import { RoomDirectory } from './room-directory.js';
import { Backlog } from './room-events.js';
import { insertRoom } from './room.repository.js';
import { asRoomId, RoomsFixture } from './testing/rooms-fixture.js';

const roomId = asRoomId('room');
let fixture: RoomsFixture;
let directory: RoomDirectory;
/** How often the bus was asked. */
let asked: number;

beforeEach(async () => {
  fixture = await RoomsFixture.start();
  asked = 0;
  directory = new RoomDirectory({
    database: fixture.database,
    leases: { holds: () => true },
    bus: {
      position: () => Promise.resolve(ok(++asked)),
      publishEncoded: () => Promise.resolve(fail('unavailable', 'not here')),
    },
    backlog: new Backlog(),
    logger: createLogger('rooms', { level: 'silent' }),
    absent: new AbsentRooms(() => 0),
  });
});

afterEach(() => fixture.stop());

const make = () =>
  fixture.database.transaction((trx) => {
    const room = {
      id: roomId,
      shard: 0,
      type: 'text',
      public: true,
      incarnation: randomUUID(),
      snapshot: '""',
    } as const;
    return insertRoom(trx, room, fixture.newUser());
  });

it('of a room that is not there the bus is not asked, and the database not again for a while', async () => {
  expect(await directory.open(roomId)).toMatchObject({ error: { code: 'not_found' } });
  expect(asked).toBe(0);
  await make();
  expect(await directory.open(roomId)).toMatchObject({ error: { code: 'not_found' } });
  directory.madeByOthers();
  expect((await directory.open(roomId)).ok).toBe(true);
  expect(asked).toBe(1);
});

it('a room that has just been made is found at once, whatever was read before', async () => {
  const before = directory.open(roomId);
  directory.made(roomId);
  expect((await before).ok).toBe(false);
  await make();
  expect((await directory.open(roomId)).ok).toBe(true);
});

it('absent rooms are forgotten after a second, and when they are many', () => {
  let now = 0;
  const absent = new AbsentRooms(() => now);
  absent.add(roomId, 0);
  now = 999;
  expect(absent.has(roomId)).toBe(true);
  now = 1_000;
  expect(absent.has(roomId)).toBe(false);
  for (let i = 0; i < 20_000; i++) absent.add(asRoomId(`room-${String(i)}`), 0);
  expect(absent.size).toBe(10_000);
  expect(absent.has(asRoomId('room-19999'))).toBe(true);
});

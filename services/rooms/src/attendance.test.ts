import { rooms, type RoomId } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { RoomsReplica } from './rooms-replica.js';
import { Roster } from './roster.js';
import { RoomsFixture, valueOf, type Person } from './testing/rooms-fixture.js';

const GRACE = 5_000;
const SELDOM = { PARLEY_ROOMS_SWEEP_MS: '60000' };
let fixture: RoomsFixture;
let replica: RoomsReplica;
let owner: Person;
let guest: Person;
let roomId: RoomId;

beforeEach(async () => {
  fixture = await RoomsFixture.start();
  fixture.freeze();
  replica = await fixture.soleReplica(SELDOM);
  [owner, guest] = [fixture.person(), fixture.person()];
  roomId = await fixture.room(owner, '', { public: true });
  for (const person of [owner, guest]) await fixture.join(person, roomId);
});

afterEach(() => fixture.stop());

const lose = async ({ connectionId }: Person): Promise<void> => {
  valueOf(await fixture.bus.call(rooms.leave, { roomId, connectionId, lost: true }));
};
const rows = () => fixture.database.kysely.selectFrom('participants').select('connection_id').execute();
const onlyOwnerIsLeft = () =>
  waitFor(async () => (await rows()).every((row) => row.connection_id === owner.connectionId), 'the guest to go');

it('a sweep looks at nobody but those who are lost', async () => {
  const { attendance, directory } = replica.core;
  const all = vi.spyOn(Roster.prototype, 'all');
  const lost = vi.spyOn(Roster.prototype, 'lost');
  await attendance.sweep();
  expect(lost).not.toHaveBeenCalled();
  await lose(guest);
  fixture.pass(GRACE);
  await onlyOwnerIsLeft();
  await waitFor(() => directory.withLost.size === 0, 'the room to be forgotten');
  lost.mockClear();
  await attendance.sweep();
  expect(lost).not.toHaveBeenCalled();
  expect(all).not.toHaveBeenCalled();
});

it('who was lost before the owner changed leaves as well', async () => {
  await lose(guest);
  await fixture.end(replica);
  await fixture.soleReplica(SELDOM);
  fixture.pass(GRACE);
  await onlyOwnerIsLeft();
});

it('a lost one who comes back is not lost any more, in place of the old connection or as the same', async () => {
  const roster = replica.core.directory.get(roomId)?.roster;
  await lose(guest);
  await lose(owner);
  expect([roster?.connected, roster?.lost().length]).toEqual([0, 2]);
  const again = fixture.person(guest.userId);
  await fixture.join(again, roomId, { replaces: guest.connectionId });
  await fixture.join(owner, roomId);
  expect([roster?.connected, roster?.lost()]).toEqual([2, []]);
});

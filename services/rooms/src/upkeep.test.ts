import { rooms, type RoomId } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RoomsReplica } from './rooms-replica.js';
import { announcedIn, RoomsFixture, valueOf, type Environment, type Person } from './testing/rooms-fixture.js';

let fixture: RoomsFixture;
let owner: Person;

beforeEach(async () => {
  fixture = await RoomsFixture.start();
  owner = fixture.person();
});

afterEach(() => fixture.stop());

async function room(env: Environment, content: unknown = ''): Promise<{ roomId: RoomId; replica: RoomsReplica }> {
  const replica = await fixture.soleReplica(env);
  const roomId = await fixture.room(owner, content, { public: true });
  await fixture.join(owner, roomId);
  return { roomId, replica };
}

async function write(roomId: RoomId, from: number, count: number): Promise<void> {
  for (let version = from; version < from + count; version++) await fixture.write(owner, roomId, version, ['x']);
}

async function row(roomId: RoomId) {
  return fixture.database.kysely.selectFrom('rooms').selectAll().where('id', '=', roomId).executeTakeFirstOrThrow();
}

describe('snapshots', () => {
  it('are written every so many operations, and never ahead of the log', async () => {
    const { roomId } = await room({ PARLEY_ROOMS_SNAPSHOT_EVERY: '10' });
    await write(roomId, 1, 25);
    await waitFor(async () => (await row(roomId)).snapshot_version >= 11, 'a snapshot');
    const { snapshot, snapshot_version: version } = await row(roomId);
    expect(version).toBeLessThanOrEqual(26);
    expect(JSON.parse(snapshot)).toBe('x'.repeat(version - 1));
  });

  it('hold nothing of a commit that failed: memory follows the log, and the operation can be sent again', async () => {
    const { roomId, replica } = await room({ PARLEY_ROOMS_SNAPSHOT_EVERY: '1' });
    await write(roomId, 1, 2);
    const { kysely } = fixture.database;
    await sql`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$BEGIN RAISE 'not now' USING ERRCODE = '57P03'; END$$`.execute(kysely);
    await sql`CREATE TRIGGER refuse AFTER INSERT ON operations FOR EACH ROW EXECUTE FUNCTION refuse()`.execute(kysely);
    expect(await fixture.submit(owner, roomId, 3, ['lost'], { id: 'again' })).toMatchObject({
      error: { code: 'unavailable' },
    });
    await sql`DROP FUNCTION refuse CASCADE`.execute(kysely);
    expect(await fixture.content(owner, roomId)).toMatchObject({ version: 3, content: 'xx' });
    const again = await fixture.submit(owner, roomId, 3, ['kept'], { id: 'again' });
    expect(valueOf(again)).toEqual({ result: 'accepted', version: 4 });
    expect(replica.core.directory.get(roomId)?.document?.version).toBe(4);
    expect((await row(roomId)).snapshot_version).toBeLessThanOrEqual(4);
  });

  it('version written by somebody else: the log is read again, and the operation follows it', async () => {
    const { roomId } = await room({});
    await write(roomId, 1, 1);
    await fixture.database.kysely
      .insertInto('operations')
      .values({
        room_id: roomId,
        version: 3,
        operation_id: 'foreign',
        user_id: owner.userId,
        connection_id: owner.connectionId,
        base_version: 2,
        batch_version: 3,
        operation: '["y"]',
      })
      .execute();
    expect(await fixture.write(owner, roomId, 2, ['z'])).toBe(4);
    expect((await fixture.content(owner, roomId)).content).toBe('yzx');
    expect((await fixture.announced(roomId)).map(({ id }) => id)).toContain('foreign');
  });
});

describe('what the log has and nobody was told of', () => {
  it('is announced although the mark of the room does not say so, and what follows it as well', async () => {
    const { roomId, replica } = await room({});
    await write(roomId, 1, 1);
    await waitFor(async () => !(await row(roomId)).unannounced, 'the mark to go');
    await fixture.end(replica);
    const { userId: user_id, connectionId: connection_id } = owner;
    const versions = { version: 3, base_version: 2, batch_version: 3 };
    const unmarked = { room_id: roomId, operation_id: 'unmarked', user_id, connection_id, ...versions };
    await fixture.database.kysely
      .insertInto('operations')
      .values({ ...unmarked, operation: '["y"]' })
      .execute();
    await fixture.soleReplica();
    await fixture.join(owner, roomId);
    await write(roomId, 3, 1);
    const told = async (): Promise<number[]> => (await fixture.announced(roomId)).map(({ version }) => version);
    await waitFor(async () => (await told()).length === 3, 'all to be told');
    expect(await told()).toEqual([2, 3, 4]);
  });
});

describe('memory', () => {
  it('of a document that nobody uses is given back, with a snapshot of it, and it is read again when it is needed', async () => {
    const { roomId, replica } = await room({ PARLEY_ROOMS_IDLE_SECONDS: '1' });
    await write(roomId, 1, 3);
    await waitFor(() => replica.core.documents.count === 0, 'the document to be dropped', 15_000);
    expect(replica.core.documents.bytes).toBe(0);
    expect(await row(roomId)).toMatchObject({ snapshot_version: 4, snapshot: '"xxx"' });
    await write(roomId, 4, 1);
    // Made on a version that only the log knows.
    expect(await fixture.write(owner, roomId, 2, ['y'])).toBe(6);
  });

  it('of all documents stays within its bound', async () => {
    const replica = await fixture.soleReplica({ PARLEY_ROOMS_MEMORY_MAX_BYTES: String(16 * 2 ** 20) });
    for (let i = 0; i < 30; i++) {
      const roomId = await fixture.room(owner, 'x'.repeat(900_000), { public: true });
      await fixture.bus.call(rooms.get, { actorId: owner.userId, roomId });
    }
    await waitFor(() => replica.core.documents.bytes <= 16 * 2 ** 20, 'the oldest to go', 15_000);
    expect(replica.core.documents.count).toBeGreaterThan(3);
  });
});

describe('the log', () => {
  it('keeps what the rule says; older bases are refused, and told where the log begins', async () => {
    const { roomId } = await room({
      PARLEY_ROOMS_SNAPSHOT_EVERY: '1',
      PARLEY_ROOMS_LOG_OPERATIONS: '5',
      PARLEY_ROOMS_LOG_HOURS: '0',
      PARLEY_ROOMS_IDLE_SECONDS: '1',
    });
    await write(roomId, 1, 20);
    await waitFor(async () => (await row(roomId)).log_start > 10, 'the log to be shortened', 30_000);
    const { log_start: start } = await row(roomId);
    expect((await fixture.log(roomId)).map(({ version }) => version)).toEqual(
      Array.from({ length: 21 - start }, (_, index) => start + 1 + index),
    );
    expect((await fixture.log(roomId)).length).toBeGreaterThanOrEqual(5);
    const asked = await fixture.bus.call(rooms.operations, { actorId: owner.userId, roomId, since: 1, limit: 5 });
    expect(valueOf(asked)).toEqual({ result: 'too_old', oldest: start, version: 21 });
    expect(await fixture.join(owner, roomId, { since: 1 })).toMatchObject({ version: 21 });
  });

  it('of the last hours stays however long it is', async () => {
    const { roomId } = await room({ PARLEY_ROOMS_SNAPSHOT_EVERY: '1', PARLEY_ROOMS_LOG_OPERATIONS: '5' });
    await write(roomId, 1, 20);
    await new Promise((resolve) => setTimeout(resolve, 11_000));
    expect(await fixture.log(roomId)).toHaveLength(20);
  });
});

describe('a long document', () => {
  it('is read in pieces, all of the version that was told, whatever happens meanwhile', async () => {
    const text = 'a"😀ß'.repeat(80_000);
    const { roomId } = await room({}, text);
    const asked = { actorId: owner.userId, roomId };
    const got = valueOf(await fixture.bus.call(rooms.get, asked));
    if (got.content.kind !== 'pieces') throw new Error('not in pieces');
    await write(roomId, 1, 1);
    let read = '';
    for (let piece = 0; piece < got.content.count; piece++) {
      read += valueOf(await fixture.bus.call(rooms.content, { ...asked, version: 1, piece })).text;
    }
    expect(JSON.parse(read)).toBe(text);
    expect(await fixture.bus.call(rooms.content, { ...asked, version: 7, piece: 0 })).toMatchObject({
      error: { code: 'not_found' },
    });
  });
});

describe('another owner', () => {
  it('takes over without a gap: nothing is told twice, participants stay, operations go on', async () => {
    const first = await fixture.soleReplica();
    const roomId = await fixture.room(owner, '', { public: true });
    await fixture.join(owner, roomId);
    const { heard } = await fixture.listen(roomId);
    await write(roomId, 1, 5);
    await fixture.replica();
    await fixture.end(first);
    await waitFor(
      async () => (await fixture.submit(owner, roomId, 6, ['x'], { id: 'last' })).ok,
      'the new owner',
      20_000,
    );
    await waitFor(() => announcedIn(heard).length >= 6, 'the events');
    expect(announcedIn(heard).map(({ version }) => version)).toEqual([2, 3, 4, 5, 6, 7]);
    expect((await fixture.join(owner, roomId)).participants).toHaveLength(1);
  });

  it('has nothing to announce of what is known to be announced', async () => {
    const { roomId } = await room({});
    await write(roomId, 1, 3);
    expect((await row(roomId)).unannounced).toBe(true);
    await waitFor(async () => !(await row(roomId)).unannounced, 'the mark to go');
    expect((await row(roomId)).announced_version).toBe(4);
    await write(roomId, 4, 1);
    expect((await row(roomId)).unannounced).toBe(true);
  });
});

import { newGatewayId, rooms, type RoomId } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { announcedIn, RoomsFixture, valueOf, type Heard, type Person } from './testing/rooms-fixture.js';

const GRACE = 5_000;
let fixture: RoomsFixture;
let owner: Person;
let roomId: RoomId;
let heard: Heard[];

beforeEach(async () => {
  fixture = await RoomsFixture.start();
  fixture.freeze();
  await fixture.soleReplica({
    PARLEY_ROOMS_CAPACITY: '3',
    PARLEY_ROOMS_PER_USER: '2',
    PARLEY_ROOMS_SWEEP_MS: '100',
  });
  owner = fixture.person();
  roomId = await fixture.room(owner, 'abc', { public: true });
  await fixture.join(owner, roomId);
  heard = (await fixture.listen(roomId)).heard;
});

afterEach(() => fixture.stop());

const leave = async ({ connectionId }: Person, lost: boolean): Promise<void> => {
  valueOf(await fixture.bus.call(rooms.leave, { roomId, connectionId, lost }));
};

/** What was told of a connection. */
const storyOf = ({ connectionId }: Person): string[] =>
  heard.flatMap(({ event }) =>
    (event.type === 'joined' || event.type === 'left') && event.participant.connectionId === connectionId
      ? [event.type]
      : [],
  );

const here = async (): Promise<string[]> => {
  const rows = await fixture.database.kysely.selectFrom('participants').select('connection_id').execute();
  return rows.map((row) => row.connection_id).sort();
};

/** Once a sweep that began after now has passed. */
async function sweeps(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 700));
}

describe('joining', () => {
  it('answers everything that is to be known, and others hear of it', async () => {
    const guest = fixture.person();
    const reply = await fixture.join(guest, roomId);
    expect(reply).toMatchObject({
      type: 'text',
      version: 1,
      state: { kind: 'content', content: { kind: 'whole', text: '"abc"' } },
      participant: { userId: guest.userId, name: guest.username, role: 'editor', connectionId: guest.connectionId },
    });
    expect(reply.participants.map(({ connectionId }) => connectionId)).toEqual([
      owner.connectionId,
      guest.connectionId,
    ]);
    await waitFor(() => storyOf(guest).length === 1, 'the event');
    expect(reply.position).toBeGreaterThanOrEqual(heard[0]?.sequence ?? Infinity);
  });

  it('a user keeps number and color in a room, on any connection', async () => {
    const guest = fixture.person();
    const first = await fixture.join(guest, roomId);
    await leave(guest, false);
    const again = await fixture.join(fixture.person(guest.userId), roomId);
    expect(again.participant).toMatchObject({
      numericId: first.participant.numericId,
      color: first.participant.color,
    });
    expect(first.participant.color).toMatch(/^#[0-9a-f]{6}$/);
    expect(first.participant.numericId).not.toBe((await fixture.join(owner, roomId)).participant.numericId);
  });

  it('again answers afresh, and is no second participant', async () => {
    await fixture.join(owner, roomId);
    expect((await fixture.join(owner, roomId)).participants).toHaveLength(1);
  });

  it('a full room takes nobody, but who comes back in place of a connection', async () => {
    const guests = [fixture.person(), fixture.person()];
    for (const guest of guests) await fixture.join(guest, roomId);
    expect(await fixture.tryJoin(fixture.person(), roomId)).toMatchObject({ error: { code: 'full' } });
    const [first = owner] = guests;
    const again = fixture.person(first.userId);
    expect((await fixture.tryJoin(again, roomId, { replaces: first.connectionId })).ok).toBe(true);
  });

  it('more rooms than a user may be in are refused', async () => {
    const guest = fixture.person();
    await fixture.join(guest, roomId);
    const [two, three] = [
      await fixture.room(owner, '', { public: true }),
      await fixture.room(owner, '', { public: true }),
    ];
    await fixture.join(guest, two);
    expect(await fixture.tryJoin(guest, three)).toMatchObject({ error: { code: 'limit_exceeded' } });
    await leave(guest, false);
    expect((await fixture.tryJoin(guest, three)).ok).toBe(true);
  });

  it('so do those that one has just been lost in, once others were entered', async () => {
    const guest = fixture.person();
    await fixture.join(guest, roomId);
    await leave(guest, true);
    const again = fixture.person(guest.userId);
    for (let i = 0; i < 2; i++) await fixture.join(again, await fixture.room(owner, '', { public: true }));
    expect(await fixture.tryJoin(again, roomId)).toMatchObject({ error: { code: 'limit_exceeded' } });
  });

  it('with the version that one has gets the operations since then, exactly up to the version told', async () => {
    for (let version = 1; version <= 4; version++) await fixture.write(owner, roomId, version, ['x']);
    const guest = fixture.person();
    const reply = await fixture.join(guest, roomId, { since: 3 });
    expect(reply).toMatchObject({
      version: 5,
      state: { kind: 'operations', operations: [{ version: 4 }, { version: 5 }] },
    });
    expect(await fixture.join(guest, roomId, { since: 5 })).toMatchObject({
      state: { kind: 'operations', operations: [] },
    });
    expect(await fixture.join(guest, roomId, { since: 9 })).toMatchObject({ state: { kind: 'content' } });
  });

  it('gets the content where the operations would not fit into an answer', async () => {
    const operation = ['"'.repeat(85)];
    for (let round = 0; round < 6; round++) {
      const base = 1 + round * 450;
      await Promise.all(Array.from({ length: 450 }, () => fixture.write(owner, roomId, base, operation)));
    }
    const reply = await fixture.join(fixture.person(), roomId, { since: 1 });
    expect(reply).toMatchObject({ version: 2_701, state: { kind: 'content', content: { kind: 'pieces' } } });
  });

  it('while others write: what is told and what follows its position is everything, once', async () => {
    const writing = new AbortController();
    const writer = (async () => {
      for (let version = 1; !writing.signal.aborted;) version = await fixture.write(owner, roomId, version, ['x']);
    })();
    for (let i = 0; i < 20; i++) {
      const guest = fixture.person();
      const { version, position } = await fixture.join(guest, roomId);
      await waitFor(() => (announcedIn(heard).at(-1)?.version ?? 0) > version, 'what follows');
      const following = announcedIn(heard.filter(({ sequence }) => sequence > position));
      expect(following[0]?.version).toBe(version + 1);
      await leave(guest, false);
    }
    writing.abort();
    await writer;
  });
});

describe('leaving', () => {
  it('is told at once, and the row goes when it was', async () => {
    const guest = fixture.person();
    await fixture.join(guest, roomId);
    await leave(guest, false);
    await waitFor(() => storyOf(guest).length === 2, 'the leaving');
    await waitFor(async () => (await here()).length === 1, 'the row to go');
    await leave(guest, false);
    expect(await fixture.submit(guest, roomId, 1, ['x'])).toMatchObject({ error: { code: 'conflict' } });
  });

  it('without a word is told after the grace, not before', async () => {
    const guest = fixture.person();
    await fixture.join(guest, roomId);
    await leave(guest, true);
    fixture.pass(GRACE - 1);
    await sweeps();
    expect(storyOf(guest)).toEqual(['joined']);
    fixture.pass(1);
    await waitFor(() => storyOf(guest).length === 2, 'the leaving');
    await waitFor(async () => (await here()).length === 1, 'the row to go');
  });

  it('and coming back within the grace as another connection is not seen as a leaving', async () => {
    const guest = fixture.person();
    await fixture.join(guest, roomId);
    await leave(guest, true);
    const again = fixture.person(guest.userId);
    await fixture.join(again, roomId, { replaces: guest.connectionId });
    fixture.pass(2 * GRACE);
    await waitFor(() => storyOf(again).length === 1, 'the new connection');
    await sweeps();
    expect(storyOf(guest)).toEqual(['joined']);
    const taken = heard.find(({ event }) => event.type === 'joined' && event.replaces === guest.connectionId);
    expect(taken).toBeDefined();
  });

  it('nobody takes over a connection of somebody else', async () => {
    const [guest, thief] = [fixture.person(), fixture.person()];
    await fixture.join(guest, roomId);
    const { participants } = await fixture.join(thief, roomId, { replaces: guest.connectionId });
    expect(participants).toHaveLength(3);
  });
});

describe('a connection that nobody reported', () => {
  it('of a gateway that is gone leaves after the grace', async () => {
    const gatewayId = newGatewayId();
    const gateway = await fixture.gateway(gatewayId);
    const guest = { ...fixture.person(), gatewayId };
    await fixture.join(guest, roomId);
    await gateway.stop();
    await waitFor(
      async () =>
        (await fixture.database.kysely.selectFrom('participants').selectAll().execute()).some(
          (row) => row.lost_at !== null,
        ),
      'the loss to be noticed',
      15_000,
    );
    fixture.pass(GRACE);
    await waitFor(() => storyOf(guest).length === 2, 'the leaving');
    expect(storyOf(owner)).toEqual([]);
  });

  it('and that presence knows to be gone leaves after the grace', async () => {
    const guest = fixture.person();
    await fixture.join(guest, roomId);
    fixture.gone.add(guest.connectionId);
    fixture.pass(60_000);
    await waitFor(
      async () => {
        fixture.pass(500);
        await Promise.resolve();
        return storyOf(guest).length === 2;
      },
      'the leaving',
      10_000,
    );
    expect(storyOf(owner)).toEqual([]);
  });
});

describe('coming and going', () => {
  it('of a user is told at most twice a second, and only the newest of it', async () => {
    const { userId } = fixture.person();
    const visits = Array.from({ length: 6 }, () => fixture.person(userId));
    const from = performance.now();
    for (const visit of visits) {
      await fixture.join(visit, roomId);
      await leave(visit, false);
    }
    const quick = performance.now() - from < 400;
    const last = fixture.person(userId);
    await fixture.join(last, roomId);
    await waitFor(() => storyOf(last).length === 1, 'the last');
    const told = visits.filter((visit) => storyOf(visit).length > 0);
    if (quick) expect(told).toHaveLength(1);
    for (const visit of told) expect(storyOf(visit)).toEqual(['joined', 'left']);
    await waitFor(async () => (await here()).length === 2, 'the rows to go');
  });
});

import { newUserId, rooms, type RoomId, type RoomRole, type UserId } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { asRoomId, RoomsFixture, valueOf, type Person } from './testing/rooms-fixture.js';

let fixture: RoomsFixture;
let owner: Person;
let roomId: RoomId;

beforeAll(async () => {
  fixture = await RoomsFixture.start();
  await fixture.soleReplica({ PARLEY_ROOMS_OWNED_PER_USER: '3', PARLEY_ROOMS_MEMBERS_MAX: '5' });
});

afterAll(() => fixture.stop());

beforeEach(async () => {
  owner = fixture.person();
  roomId = await fixture.room(owner, 'abc');
  await fixture.join(owner, roomId);
});

const code = (outcome: { ok: boolean; error?: { code: string } }): string =>
  outcome.ok ? 'ok' : (outcome.error?.code ?? '');

/** Everything that can be done with a room, by how it is answered. */
async function allThatIsTried(actor: Person, target: UserId): Promise<Record<string, string>> {
  const at = { actorId: actor.userId, roomId };
  const { bus } = fixture;
  return {
    get: code(await bus.call(rooms.get, at)),
    operations: code(await bus.call(rooms.operations, { ...at, since: 0, limit: 1 })),
    join: code(await fixture.tryJoin(actor, roomId)),
    submit: code(await fixture.submit(actor, roomId, 1, [1, 'x'])),
    setMember: code(await bus.call(rooms.setMember, { ...at, userId: target, role: 'viewer' })),
    removeMember: code(await bus.call(rooms.removeMember, { ...at, userId: target })),
    delete: code(await bus.call(rooms.delete, at)),
  };
}

describe('who may do what', () => {
  const nothing = {
    get: 'not_found',
    operations: 'not_found',
    join: 'not_found',
    submit: 'not_found',
    setMember: 'not_found',
    removeMember: 'not_found',
    delete: 'not_found',
  };
  const reading = { ...nothing, get: 'ok', operations: 'ok', join: 'ok', submit: 'forbidden' };
  const refused = { setMember: 'forbidden', removeMember: 'forbidden', delete: 'forbidden' };
  const all = {
    get: 'ok',
    operations: 'ok',
    join: 'ok',
    submit: 'ok',
    setMember: 'ok',
    removeMember: 'ok',
    delete: 'ok',
  };

  const give = async (person: Person, role: RoomRole): Promise<void> => {
    const { userId } = person;
    valueOf(await fixture.bus.call(rooms.setMember, { actorId: owner.userId, roomId, userId, role }));
  };

  it.each([
    ['owner', all],
    ['editor', { ...reading, submit: 'ok', ...refused }],
    ['viewer', { ...reading, ...refused }],
    [undefined, nothing],
  ] as const)('%s in a private room', async (role, expected) => {
    const [actor, target] = [fixture.person(), fixture.person()];
    await give(target, 'editor');
    if (role !== undefined) await give(actor, role);
    expect(await allThatIsTried(actor, target.userId)).toEqual(expected);
  });

  it('anyone is an editor of a public room, unless an owner has removed them', async () => {
    roomId = await fixture.room(owner, 'abc', { public: true });
    const [anyone, banned, target] = [fixture.person(), fixture.person(), fixture.person()];
    const { userId } = banned;
    valueOf(await fixture.bus.call(rooms.removeMember, { actorId: owner.userId, roomId, userId }));
    expect(await allThatIsTried(anyone, target.userId)).toEqual({ ...reading, submit: 'ok', ...refused });
    expect(await allThatIsTried(banned, target.userId)).toEqual(nothing);
    await give(banned, 'viewer');
    expect(await allThatIsTried(banned, target.userId)).toEqual({ ...reading, ...refused });
  });

  it('who may not write is told so before anybody reads what they wrote', async () => {
    const write = async ({ userId, connectionId }: Person): Promise<string> => {
      const request = { roomId, userId, connectionId, operationId: 'x', baseVersion: 1 };
      return code(await fixture.bus.call(rooms.submit, request, { body: Buffer.from('{') }));
    };
    expect(await write(fixture.person())).toBe('not_found');
    expect(await write(await fixture.member(owner, roomId, 'viewer'))).toBe('forbidden');
    expect(await write(await fixture.member(owner, roomId))).toBe('invalid');
  });

  it('who has not joined may not write, nor on the connection of somebody else', async () => {
    const [member, other] = [await fixture.member(owner, roomId), await fixture.member(owner, roomId)];
    const absent = fixture.person(member.userId);
    expect(code(await fixture.submit(absent, roomId, 1, ['x']))).toBe('conflict');
    expect(code(await fixture.submit({ ...member, connectionId: other.connectionId }, roomId, 1, ['x']))).toBe(
      'conflict',
    );
  });
});

describe('a change of role', () => {
  it('takes effect on who is in the room, and is announced', async () => {
    const member = await fixture.member(owner, roomId, 'editor');
    const { heard } = await fixture.listen(roomId);
    await fixture.write(member, roomId, 1, ['x']);
    const { userId } = member;
    valueOf(await fixture.bus.call(rooms.setMember, { actorId: owner.userId, roomId, userId, role: 'viewer' }));
    expect(code(await fixture.submit(member, roomId, 2, ['y']))).toBe('forbidden');
    await waitFor(() => heard.some(({ event }) => event.type === 'role_changed'), 'the event');
    const { participants } = await fixture.join(owner, roomId);
    expect(participants.find((one) => one.userId === userId)?.role).toBe('viewer');
  });

  it('must be to a user who exists, and leave an owner', async () => {
    const at = { actorId: owner.userId, roomId };
    expect(code(await fixture.bus.call(rooms.setMember, { ...at, userId: newUserId(), role: 'editor' }))).toBe(
      'not_found',
    );
    expect(code(await fixture.bus.call(rooms.setMember, { ...at, userId: owner.userId, role: 'editor' }))).toBe(
      'conflict',
    );
    expect(code(await fixture.bus.call(rooms.removeMember, { ...at, userId: owner.userId }))).toBe('conflict');
  });

  it('is refused beyond the bound of members', async () => {
    for (let i = 0; i < 4; i++) await fixture.member(owner, roomId);
    const at = { actorId: owner.userId, roomId };
    expect(code(await fixture.bus.call(rooms.setMember, { ...at, userId: fixture.newUser(), role: 'editor' }))).toBe(
      'limit_exceeded',
    );
  });
});

describe('removal', () => {
  it('ends the taking part at once: the room hears of it, and nothing more is taken', async () => {
    const member = await fixture.member(owner, roomId);
    const { heard } = await fixture.listen(roomId);
    const { userId } = member;
    valueOf(await fixture.bus.call(rooms.removeMember, { actorId: owner.userId, roomId, userId }));
    expect(code(await fixture.submit(member, roomId, 1, ['x']))).toBe('not_found');
    await waitFor(() => heard.some(({ event }) => event.type === 'removed' && event.userId === userId), 'the event');
    await waitFor(() => heard.some(({ event }) => event.type === 'left'), 'the leaving');
    expect((await fixture.join(owner, roomId)).participants).toHaveLength(1);
  });

  it('of oneself is always possible, but for the last owner', async () => {
    const member = await fixture.member(owner, roomId, 'viewer');
    const { userId } = member;
    valueOf(await fixture.bus.call(rooms.removeMember, { actorId: userId, roomId, userId }));
    expect(code(await fixture.tryJoin(member, roomId))).toBe('not_found');
  });
});

describe('a deleted room', () => {
  it('is gone for everybody, and its id is free again once its log is gone', async () => {
    const member = await fixture.member(owner, roomId);
    await fixture.write(member, roomId, 1, ['x']);
    const { heard } = await fixture.listen(roomId);
    valueOf(await fixture.bus.call(rooms.delete, { actorId: owner.userId, roomId }));
    expect(code(await fixture.submit(member, roomId, 2, ['y']))).toBe('not_found');
    expect(code(await fixture.tryJoin(member, roomId))).toBe('not_found');
    await waitFor(() => heard.some(({ event }) => event.type === 'deleted'), 'the event');
    await waitFor(async () => (await fixture.log(roomId)).length === 0, 'the log to go', 20_000);
    await waitFor(
      async () => {
        const at = { actorId: owner.userId, roomId, type: 'text' as const, public: false };
        return (await fixture.bus.call(rooms.create, at, { body: Buffer.from('"new"') })).ok;
      },
      'the id to be free',
      20_000,
    );
    expect(await fixture.content(owner, roomId)).toMatchObject({ version: 1, content: 'new' });
  });
});

describe('making rooms', () => {
  it('an id is taken once', async () => {
    const at = { actorId: fixture.newUser(), roomId, type: 'text' as const, public: true };
    expect(code(await fixture.bus.call(rooms.create, at, { body: Buffer.from('""') }))).toBe('conflict');
  });

  it('content must be of the type', async () => {
    const at = { actorId: owner.userId, roomId: asRoomId('fresh'), type: 'text' as const, public: true };
    for (const text of ['{}', '', '[1', '7']) {
      expect(code(await fixture.bus.call(rooms.create, at, { body: Buffer.from(text) }))).toBe('invalid');
    }
  });

  it('is bounded per owner, also when all come at once', async () => {
    const maker = fixture.person();
    const made = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        fixture.bus.call(
          rooms.create,
          { actorId: maker.userId, roomId: asRoomId(`many-${maker.userId}-${String(i)}`), type: 'text', public: false },
          { body: Buffer.from('""') },
        ),
      ),
    );
    expect(made.map(code).sort()).toEqual([...Array<string>(3).fill('limit_exceeded'), ...Array<string>(3).fill('ok')]);
  });

  it('they are listed newest first, in pages', async () => {
    const maker = fixture.person();
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.unshift(await fixture.room(maker));
    await fixture.join(maker, asRoomId(ids[0] ?? ''));
    await fixture.write(maker, asRoomId(ids[0] ?? ''), 1, ['x']);
    const ask = (before?: string) =>
      fixture.bus
        .call(rooms.list, {
          actorId: maker.userId,
          limit: 2,
          ...(before === undefined ? {} : { before: asRoomId(before) }),
        })
        .then(valueOf);
    const first = await ask();
    expect(first.rooms.map(({ id, version, role }) => [id, version, role])).toEqual([
      [ids[0], 2, 'owner'],
      [ids[1], 1, 'owner'],
    ]);
    expect(first.more).toBe(true);
    expect((await ask(ids[1])).rooms.map(({ id }) => id)).toEqual([ids[2]]);
  });
});

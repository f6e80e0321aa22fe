import { newConnectionId, rooms, type RoomId } from '@parley/contracts';
import { checksumOf } from '@parley/ot';
import { waitFor } from '@parley/testing';
import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { announcedIn, asRoomId, RoomsFixture, valueOf, type Person } from './testing/rooms-fixture.js';

let fixture: RoomsFixture;
let owner: Person;

beforeAll(async () => {
  fixture = await RoomsFixture.start();
  await fixture.soleReplica({ PARLEY_ROOMS_DOCUMENT_MAX_BYTES: '3000000', PARLEY_ROOMS_PER_USER: '100' });
  owner = fixture.person();
});

afterAll(() => fixture.stop());

async function joined(content: unknown = '', type: 'json' | 'text' | 'rich-text' = 'text'): Promise<RoomId> {
  const roomId = await fixture.room(owner, content, { type });
  await fixture.join(owner, roomId);
  return roomId;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('an operation', () => {
  it('is in the log, in the document and announced, as the version that it is answered with', async () => {
    const roomId = await joined('ac');
    const { heard } = await fixture.listen(roomId);
    const id = randomUUID();
    const reply = valueOf(await fixture.submit(owner, roomId, 1, [1, 'b'], { id }));
    expect(reply).toEqual({ result: 'accepted', version: 2 });
    expect(await fixture.content(owner, roomId)).toEqual({
      version: 2,
      content: 'abc',
      checksum: checksumOf('abc', sha256),
    });
    expect(await fixture.log(roomId)).toMatchObject([
      { version: 2, operation_id: id, user_id: owner.userId, base_version: 1, batch_version: 2, operation: '[1,"b"]' },
    ]);
    await waitFor(() => heard.length === 1, 'the event');
    const { userId, connectionId } = owner;
    expect(heard[0]?.event).toEqual({
      type: 'operations',
      operations: [{ id, userId, connectionId, baseVersion: 1, version: 2, length: 7 }],
    });
    expect(heard[0]?.texts).toEqual(['[1,"b"]']);
  });

  it('made on an older version is transformed, and told as it became', async () => {
    const roomId = await joined('ac');
    await fixture.write(owner, roomId, 1, ['>']);
    expect(await fixture.write(owner, roomId, 1, [1, 'b'])).toBe(3);
    expect((await fixture.content(owner, roomId)).content).toBe('>abc');
    expect((await fixture.log(roomId)).map(({ operation }) => operation)).toEqual(['[">"]', '[2,"b"]']);
  });

  it('works on every type of document', async () => {
    const json = await joined({ list: [1] }, 'json');
    await fixture.write(owner, json, 1, ['list', 1, { i: 2 }]);
    expect((await fixture.content(owner, json)).content).toEqual({ list: [1, 2] });
    const rich = await joined([{ insert: 'Hi\n' }], 'rich-text');
    await fixture.write(owner, rich, 1, [{ retain: 2, attributes: { bold: true } }]);
    expect((await fixture.content(owner, rich)).content).toEqual({
      ops: [{ insert: 'Hi', attributes: { bold: true } }, { insert: '\n' }],
    });
  });

  it('of any text comes back as it was: surrogates, U+0000, quotes, line ends', async () => {
    const roomId = await joined();
    const text = 'a\u0000b "quoted" \\ \n\u2028 😀 ﷽';
    await fixture.write(owner, roomId, 1, [text]);
    expect((await fixture.content(owner, roomId)).content).toBe(text);
  });

  it('is refused when its base is ahead, told where the document is', async () => {
    const roomId = await joined();
    expect(valueOf(await fixture.submit(owner, roomId, 5, ['x']))).toEqual({
      result: 'version_mismatch',
      currentVersion: 1,
    });
  });

  it('is held against its checksum', async () => {
    const roomId = await joined();
    const wrong = await fixture.submit(owner, roomId, 1, ['x'], { checksum: sha256('other') });
    expect(valueOf(wrong)).toEqual({ result: 'checksum_failed' });
    const right = await fixture.submit(owner, roomId, 1, ['x'], { checksum: checksumOf(['x'], sha256) });
    expect(valueOf(right)).toMatchObject({ result: 'accepted' });
  });

  it('that is too large, or would make the document so, is refused', async () => {
    const roomId = await joined('x'.repeat(600_000));
    for (let i = 0; i < 3; i++) {
      valueOf(await fixture.submit(owner, roomId, i + 1, ['y'.repeat(600_000)]));
    }
    const { userId, connectionId } = owner;
    const more = await fixture.submit(owner, roomId, 4, ['z'.repeat(900_000)]);
    expect(more).toMatchObject({ ok: false, error: { code: 'too_large' } });
    const request = { roomId, userId, connectionId, operationId: 'large', baseVersion: 4 };
    const body = Buffer.from(JSON.stringify(['z'.repeat(1_048_576)]));
    expect((await fixture.bus.call(rooms.submit, request, { body })).ok).toBe(false);
    expect((await fixture.log(roomId)).length).toBe(3);
  });
});

describe('exactly once', () => {
  it('a repeated id is answered with its first version, and applied once', async () => {
    const roomId = await joined();
    const id = randomUUID();
    valueOf(await fixture.submit(owner, roomId, 1, ['x'], { id }));
    await fixture.write(owner, roomId, 2, ['y']);
    const again = await fixture.submit(owner, roomId, 1, ['x'], { id });
    expect(valueOf(again)).toEqual({ result: 'repeated', version: 2 });
    expect((await fixture.content(owner, roomId)).content).toBe('yx');
  });

  it('twice at once as well, whatever base the second names', async () => {
    const roomId = await joined();
    const ids = Array.from({ length: 20 }, () => randomUUID());
    const replies = await Promise.all(
      [...ids, ...ids].map((id) => fixture.submit(owner, roomId, 1, ['x'], { id }).then(valueOf)),
    );
    expect(replies.filter(({ result }) => result === 'accepted')).toHaveLength(20);
    expect(replies.filter(({ result }) => result === 'repeated')).toHaveLength(20);
    expect((await fixture.content(owner, roomId)).version).toBe(21);
  });

  it('even when memory has forgotten it: the log decides, and others in the batch lose nothing', async () => {
    const roomId = await joined();
    const id = randomUUID();
    await fixture.submit(owner, roomId, 1, ['x'], { id });
    // So many that the first is not kept in memory any more.
    let version = 2;
    for (let round = 0; round < 5; round++) {
      const base = version;
      const written = await Promise.all(Array.from({ length: 450 }, () => fixture.write(owner, roomId, base, ['y'])));
      version = Math.max(...written);
    }
    const [again, other] = await Promise.all([
      fixture.submit(owner, roomId, version, ['x'], { id }),
      fixture.submit(owner, roomId, version, ['z']),
    ]);
    expect(valueOf(again)).toEqual({ result: 'repeated', version: 2 });
    expect(valueOf(other)).toEqual({ result: 'accepted', version: version + 1 });
    const { content } = await fixture.content(owner, roomId);
    expect(String(content).match(/x/g)).toHaveLength(1);
  });
});

describe('a hostile operation', () => {
  const hostile: readonly unknown[] = [
    [0, 'x'],
    [-1],
    [1e308],
    [{ d: -5 }],
    [{ d: 1e9 }],
    ['a', 'b', { __proto__: null, constructor: 1 }],
    [[[[]]]],
    'text',
    null,
    { op: 1 },
    [1_000_000, 'beyond the end'],
  ];

  it('is refused as invalid, or does no harm, and its neighbours in the batch are written', async () => {
    const roomId = await joined('abc');
    const { heard } = await fixture.listen(roomId);
    const replies = await Promise.all(
      hostile.flatMap((operation) => [
        fixture.submit(owner, roomId, 1, operation),
        fixture.submit(owner, roomId, 1, ['n']),
      ]),
    );
    const neighbours = replies.filter((_, index) => index % 2 === 1);
    for (const neighbour of neighbours) expect(neighbour).toMatchObject({ ok: true, value: { result: 'accepted' } });
    const refused = replies.filter((reply, index) => index % 2 === 0 && !reply.ok);
    for (const reply of refused) expect(reply).toMatchObject({ ok: false, error: { code: 'invalid' } });
    expect(refused.length).toBeGreaterThan(hostile.length - 3);
    const { version } = await fixture.content(owner, roomId);
    await waitFor(() => announcedIn(heard).at(-1)?.version === version, 'all events');
  });

  it('under an id that Postgres cannot keep is refused', async () => {
    const roomId = await joined();
    for (const id of ['a\u0000b', '\ud800']) {
      expect(await fixture.submit(owner, roomId, 1, ['x'], { id })).toMatchObject({
        ok: false,
        error: { code: 'invalid', field: 'operationId' },
      });
    }
  });

  it('that is no JSON, or nested without end, is refused', async () => {
    const roomId = await joined();
    const { userId, connectionId } = owner;
    const request = { roomId, userId, connectionId, operationId: 'x', baseVersion: 1 };
    for (const text of ['{', `${'['.repeat(100_000)}${']'.repeat(100_000)}`]) {
      const reply = await fixture.bus.call(rooms.submit, request, { body: Buffer.from(text) });
      expect(reply).toMatchObject({ ok: false, error: { code: 'invalid' } });
    }
  });
});

describe('many at once', () => {
  it('share transactions, across documents, and every document has its own order without a gap', async () => {
    const roomIds = await Promise.all(Array.from({ length: 8 }, () => joined()));
    const heard = await Promise.all(roomIds.map((roomId) => fixture.listen(roomId)));
    const each = 100;
    await Promise.all(
      roomIds.flatMap((roomId) => Array.from({ length: each }, () => fixture.write(owner, roomId, 1, ['x']))),
    );
    const commits = new Set<string>();
    for (const [index, roomId] of roomIds.entries()) {
      const log = await fixture.log(roomId);
      expect(log.map(({ version }) => version)).toEqual(Array.from({ length: each }, (_, i) => i + 2));
      for (const xmin of await fixture.transactions(roomId)) commits.add(xmin);
      await waitFor(() => announcedIn(heard[index]?.heard ?? []).length === each, 'the events');
      expect(announcedIn(heard[index]?.heard ?? []).map(({ version }) => version)).toEqual(
        log.map(({ version }) => version),
      );
    }
    expect(commits.size).toBeLessThan((each * roomIds.length) / 5);
  });

  it('one client alone waits for nobody', async () => {
    const roomId = await joined();
    for (let version = 1; version < 20; version++) await fixture.write(owner, roomId, version, ['x']);
    expect(new Set(await fixture.transactions(roomId)).size).toBe(19);
  });
});

describe('the log', () => {
  it('is read in pages, with as much as was asked for', async () => {
    const roomId = await joined();
    for (let version = 1; version <= 5; version++) await fixture.write(owner, roomId, version, [String(version)]);
    const ask = (since: number, limit: number) =>
      fixture.bus.call(rooms.operations, { actorId: owner.userId, roomId, since, limit }).then(valueOf);
    expect(await ask(0, 3)).toMatchObject({
      result: 'operations',
      operations: [{ version: 2 }, { version: 3 }, { version: 4 }],
      more: true,
      version: 6,
    });
    expect(await ask(4, 3)).toMatchObject({ operations: [{ version: 5 }, { version: 6 }], more: false });
    expect(await ask(6, 3)).toMatchObject({ operations: [], more: false, version: 6 });
  });

  it('of a room that one may not know of is not there', async () => {
    const roomId = await joined();
    const stranger = fixture.person();
    const { userId: actorId } = stranger;
    expect(await fixture.bus.call(rooms.operations, { actorId, roomId, since: 0, limit: 1 })).toMatchObject({
      error: { code: 'not_found' },
    });
    const nowhere = asRoomId('nowhere');
    expect(await fixture.submit({ ...stranger, connectionId: newConnectionId() }, nowhere, 1, [])).toMatchObject({
      error: { code: 'not_found' },
    });
  });
});

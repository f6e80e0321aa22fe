import { messaging, newConnectionId, newUserId, type MessageId, type UserId } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteOrphans, removedServers } from './chat/removals.repository.js';
import { DirectMessageRepository } from './direct-message.repository.js';
import type { FakeGateway } from './testing/fake-gateway.js';
import { MessagingFixture } from './testing/messaging-fixture.js';

let fixture: MessagingFixture;
let gateway: FakeGateway;

beforeAll(async () => {
  fixture = await MessagingFixture.start();
  await fixture.soleReplica({ PARLEY_DIRECT_QUEUE_LIMIT: '20', PARLEY_DIRECT_CLAIM_SECONDS: '2' });
  gateway = await fixture.gateway();
});

afterAll(() => fixture.stop());

interface SendExtra {
  readonly from?: UserId;
  readonly ttl?: number;
  readonly idempotencyKey?: string;
  readonly format?: 'json' | 'direct_message';
}

function send(to: UserId, text: string, { from = newUserId(), format = 'json', ...rest }: SendExtra = {}) {
  return fixture.bus.call(messaging.sendDirect, { from, to, format, ...rest }, { body: Buffer.from(text) });
}

async function take(userId: UserId, connectionId = newConnectionId(), limit = 100) {
  const taken = await fixture.bus.call(messaging.takeDirect, { userId, connectionId, limit });
  if (!taken.ok) throw new Error(taken.error.message);
  const { messages, more } = taken.value;
  return { texts: messages.map((one) => one.payload), ids: messages.map((one) => one.messageId), messages, more };
}

async function settle(userId: UserId, messageIds: MessageId[]): Promise<void> {
  expect(await fixture.bus.call(messaging.settleDirect, { userId, messageIds })).toEqual({ ok: true, value: {} });
}

async function rows(recipient: UserId): Promise<number> {
  const found = await fixture.database.kysely
    .selectFrom('direct_messages')
    .select('position')
    .where('recipient', '=', recipient)
    .execute();
  return found.length;
}

describe('a direct message', () => {
  it('reaches every connection of a user who is there, and leaves nothing behind', async () => {
    const user = fixture.newUser();
    const other = await fixture.gateway();
    const connections = [await gateway.connect(user), await gateway.connect(user), await other.connect(user)];
    const sent = await send(user, '"hello"');
    if (!sent.ok) throw new Error(sent.error.message);
    expect([...sent.value.deliveredTo].toSorted()).toEqual([...connections].toSorted());
    expect([
      ...gateway.texts(connections[0] ?? newConnectionId()),
      ...other.texts(connections[2] ?? newConnectionId()),
    ]).toEqual(['"hello"', '"hello"']);
    expect(await rows(user)).toBe(0);
    await other.stop();
  });

  it('is not queued when a busy gateway is slow to say that it wrote it', async () => {
    const user = fixture.newUser();
    const busy = await fixture.gateway();
    const connection = await busy.connect(user);
    busy.receiptDelayMs = 200;
    expect(await send(user, '1')).toMatchObject({ ok: true, value: { deliveredTo: [connection] } });
    expect(await rows(user)).toBe(0);
    expect(busy.repeats).toBe(0);
    await busy.stop();
  });

  it('waits for a user who is not, and is given once, in order, at the next connection', async () => {
    const user = fixture.newUser();
    for (const text of ['1', '2', '3']) {
      expect(await send(user, text)).toMatchObject({ ok: true, value: { deliveredTo: [] } });
    }
    const connection = await gateway.connect(user);
    expect(gateway.texts(connection)).toEqual(['1', '2', '3']);
    await send(user, '4');
    expect(gateway.texts(connection)).toEqual(['1', '2', '3', '4']);
    expect(gateway.texts(await gateway.connect(user))).toEqual([]);
    expect(await rows(user)).toBe(0);
  });

  it('is handed out with everything that it was sent with', async () => {
    const user = fixture.newUser();
    const from = newUserId();
    const request = { from, to: user, name: 'a\u0000b', metadata: { ttl: 9, z: ['\u0000'], a: null } };
    await fixture.bus.call(messaging.sendDirect, { ...request, format: 'json' }, { body: Buffer.from('{"é": 1}') });
    await send(user, 'abc', { from, format: 'direct_message' });
    const { messages } = await take(user);
    expect(messages[0]).toMatchObject({ ...request, format: 'json', payload: '{"é": 1}' });
    expect(messages[1]).toMatchObject({
      format: 'direct_message',
      payload: 'YWJj',
      checksum: 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    });
    expect(messages[1]?.position).toBeGreaterThan(messages[0]?.position ?? 0);
  });

  it('goes only to users who exist, and asks auth once for each', async () => {
    expect(await send(newUserId(), '1')).toMatchObject({ error: { code: 'not_found' } });
    const user = fixture.newUser();
    const before = fixture.lookups;
    for (let i = 0; i < 5; i++) await send(user, '1');
    expect(fixture.lookups - before).toBe(1);
  });

  it('is refused when too many wait, when it is too large, and when it has no payload', async () => {
    const user = fixture.newUser();
    for (let i = 0; i < 20; i++) expect((await send(user, String(i))).ok).toBe(true);
    expect(await send(user, '20')).toMatchObject({ error: { code: 'queue_full' } });
    const connection = await gateway.connect(user);
    expect(gateway.texts(connection)).toHaveLength(20);
    expect(await send(user, '20')).toMatchObject({ ok: true, value: { deliveredTo: [connection] } });
    expect(await send(user, JSON.stringify('"'.repeat(500_000)))).toMatchObject({ error: { code: 'too_large' } });
    const bare = await fixture.bus.call(messaging.sendDirect, { from: newUserId(), to: user, format: 'json' });
    expect(bare).toMatchObject({ error: { code: 'invalid' } });
  });

  it('is sent once per key, and answered alike', async () => {
    const user = fixture.newUser();
    const from = newUserId();
    const key = { from, idempotencyKey: 'k\u0000ey' };
    const first = await send(user, '1', key);
    expect(await send(user, '1', key)).toEqual(first);
    expect((await take(user)).texts).toEqual(['1']);
    const other = await send(user, '2', { ...key, from: newUserId() });
    expect(other).not.toEqual(first);

    const present = fixture.newUser();
    const connection = await gateway.connect(present);
    const delivered = await send(present, '1', key);
    expect(delivered).toMatchObject({ ok: true, value: { deliveredTo: [connection] } });
    expect(await send(present, '1', key)).toEqual(delivered);
    expect(gateway.texts(connection)).toEqual(['1']);
  });

  it('that is not to wait does not', async () => {
    const user = fixture.newUser();
    expect(await send(user, '1', { ttl: 0 })).toMatchObject({ ok: true, value: { deliveredTo: [] } });
    expect(await rows(user)).toBe(0);
    const connection = await gateway.connect(user);
    expect(await send(user, '2', { ttl: 0 })).toMatchObject({ ok: true, value: { deliveredTo: [connection] } });
    expect(gateway.texts(connection)).toEqual(['2']);
  });

  it('that has waited too long is never given, and is cleaned away', async () => {
    const user = fixture.newUser();
    await send(user, '1', { ttl: 1 });
    await send(user, '2', { ttl: 600 });
    await waitFor(async () => (await rows(user)) === 1, 'the first to be removed');
    expect((await take(user)).texts).toEqual(['2']);
  });
});

describe('taking what waits', () => {
  it('gives pages, each once, and nothing to a second connection meanwhile', async () => {
    const user = fixture.newUser();
    for (let i = 0; i < 5; i++) await send(user, String(i));
    const [one, two] = [newConnectionId(), newConnectionId()];
    const first = await take(user, one, 2);
    expect(first).toMatchObject({ texts: ['0', '1'], more: true });
    expect(await take(user, two)).toMatchObject({ texts: [], more: false });
    await settle(user, first.ids);
    expect(await take(user, two, 2)).toMatchObject({ texts: ['2', '3'], more: true });
    expect(await take(user, one)).toMatchObject({ texts: [], more: false });
  });

  it('gives the same once more to a connection that did not hear the answer', async () => {
    const user = fixture.newUser();
    for (let i = 0; i < 3; i++) await send(user, String(i));
    const connection = newConnectionId();
    expect((await take(user, connection, 2)).texts).toEqual(['0', '1']);
    expect((await take(user, connection, 2)).texts).toEqual(['0', '1']);
  });

  it('fits an answer into one message of the bus', async () => {
    const user = fixture.newUser();
    const text = JSON.stringify('x'.repeat(400_000));
    for (let i = 0; i < 3; i++) expect((await send(user, text)).ok).toBe(true);
    const connection = newConnectionId();
    const page = await take(user, connection);
    expect(page).toMatchObject({ texts: [text, text], more: true });
    await settle(user, page.ids);
    expect(await take(user, connection)).toMatchObject({ texts: [text], more: false });
  });

  it('gives again what was not confirmed in time, and tells whoever is there', async () => {
    const user = fixture.newUser();
    await send(user, '1');
    expect((await take(user)).texts).toEqual(['1']);
    const connection = await gateway.connect(user);
    expect(gateway.texts(connection)).toEqual([]);
    await send(user, '2');
    await waitFor(() => gateway.texts(connection).length === 2, 'the claim to end', 10_000);
    expect(gateway.texts(connection)).toEqual(['1', '2']);
  });
});

describe('between the queue and the live connection', () => {
  it('nothing is lost, doubled or out of order while users come and go', { timeout: 60_000 }, async () => {
    const users = Array.from({ length: 6 }, () => fixture.newUser());
    const other = await fixture.gateway();
    const gateways = [gateway, other];
    const started = gateway.written.length;
    let sending = true;
    const sent = new Map(users.map((user) => [user, 0]));
    const senders = users.map(async (user) => {
      while (sending) {
        const n = sent.get(user) ?? 0;
        const outcome = await send(user, JSON.stringify(`${user} ${String(n)}`));
        if (outcome.ok) sent.set(user, n + 1);
        else expect(outcome.error.code).toBe('queue_full');
      }
    });
    for (let round = 0; round < 25; round++) {
      await Promise.all(
        users.map(async (user, i) => {
          const here = gateways[(round + i) % 2] ?? gateway;
          await here.connect(user);
          here.disconnect(user);
        }),
      );
    }
    sending = false;
    await Promise.all(senders);
    // Now they stay, and get the rest.
    for (const user of users) await gateway.connect(user);
    await waitFor(
      async () => (await Promise.all(users.map(rows))).every((left) => left === 0),
      'all to be taken',
      20_000,
    );
    const written = [...gateway.written.slice(started), ...other.written];
    for (const user of users) {
      const own = written
        .filter((one) => one.text.includes(user))
        .toSorted((a, b) => a.position - b.position)
        .map((one) => one.text);
      const expected = Array.from({ length: sent.get(user) ?? 0 }, (_, n) => JSON.stringify(`${user} ${String(n)}`));
      expect([...new Set(own)]).toEqual(expected);
    }
    for (const { written: log } of gateways) {
      for (const user of users) {
        const positions = log.filter((one) => one.text.includes(user)).map((one) => one.position);
        expect(positions).toEqual(positions.toSorted((a, b) => a - b));
      }
    }
    await other.stop();
  });

  it('two gateways share a queue without overlap, and empty it', async () => {
    const user = fixture.newUser();
    const sent = Array.from({ length: 20 }, (_, i) => String(i));
    for (const text of sent) await send(user, text);
    const other = await fixture.gateway();
    gateway.takeLimit = other.takeLimit = 3;
    const [here, there] = await Promise.all([gateway.connect(user), other.connect(user)]);
    await waitFor(async () => (await rows(user)) === 0, 'the queue to be empty');
    gateway.takeLimit = 100;
    const written = [...gateway.texts(here), ...other.texts(there)];
    expect(written.toSorted((a, b) => Number(a) - Number(b))).toEqual(sent);
    await other.stop();
  });

  it('a message that finds the queue not empty waits behind it, and is taken at once', async () => {
    const user = fixture.newUser();
    await send(user, '1');
    gateway.takeLimit = 1;
    const sends: Promise<unknown>[] = [];
    gateway.onDirect = () => {
      throw new Error('nothing may go out live while something waits');
    };
    const connecting = gateway.connect(user);
    for (const text of ['2', '3', '4']) sends.push(send(user, text));
    await connecting;
    gateway.onDirect = undefined;
    await Promise.all(sends);
    gateway.takeLimit = 100;
    const connection = await connecting;
    await waitFor(async () => (await rows(user)) === 0, 'the queue to be empty');
    const texts = gateway.texts(connection);
    expect(texts.toSorted()).toEqual(['1', '2', '3', '4']);
    expect(await send(user, '5')).toMatchObject({ ok: true, value: { deliveredTo: [connection] } });
  });
});

describe('upkeep', () => {
  it('of no shards at all, when the last one has just gone, has nothing to do', async () => {
    const messages = new DirectMessageRepository(fixture.database, { fence: () => Promise.resolve() });
    expect(await messages.deleteExpired([], 10)).toEqual({ messages: 0, sends: 0 });
    expect(await messages.releaseClaims([])).toBe(0);
    expect(await messages.unannounced([], 0, 10)).toEqual([]);
    expect(await removedServers(fixture.database.kysely, [], 10)).toEqual([]);
    expect(await deleteOrphans(fixture.database.kysely, [], 10)).toBe(0);
  });
});

describe('claims', () => {
  let patient: MessagingFixture;

  beforeAll(async () => {
    patient = await MessagingFixture.start();
    await patient.soleReplica({ PARLEY_DIRECT_CLAIM_SECONDS: '600' });
  });

  afterAll(() => patient.stop());

  it('end with the gateway of their connection', async () => {
    const user = patient.newUser();
    const request = { from: newUserId(), to: user, format: 'json' as const };
    await patient.bus.call(messaging.sendDirect, request, { body: Buffer.from('1') });
    const [dying, living] = [await patient.gateway(), await patient.gateway()];
    dying.confirms = false;
    await dying.connect(user);
    expect(dying.written).toHaveLength(1);
    const connection = await living.connect(user);
    expect(living.texts(connection)).toEqual([]);
    await dying.stop();
    await waitFor(() => living.texts(connection).length === 1, 'the claim to end', 10_000);
  });
});

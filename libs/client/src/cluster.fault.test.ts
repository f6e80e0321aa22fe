import { jsonType } from '@parley/ot/json';
import { textType } from '@parley/ot/text';
import { road, seededRandom, startCluster, waitFor, type Cluster, type Road } from '@parley/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ChatClient } from './chat/chat-client.js';
import { ChatRest } from './chat/chat-rest.js';
import { CollaborativeClient } from './collab/collaborative-client.js';
import type { Room } from './collab/room.js';
import { createRoom, get, post, register, type Account } from './testing/accounts.js';
import { TopicsClient } from './topics/topics-client.js';

/** The clients against real gateways and services. */
const CONVERGE_MS = 20_000;
const QUICK = { minMs: 20, baseMs: 100, maxMs: 500 };

let cluster: Cluster;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  cluster = await startCluster({ gateways: 2, env: { PARLEY_LOG_LEVEL: 'warn' } });
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(() => cluster.stop());

/** A road of one's own to a gateway. */
async function roadTo(gateway: number): Promise<Road> {
  const made = await road(cluster.gateway(gateway).ports[0]);
  ends.push(() => made.close());
  return made;
}

async function editor(
  account: Account,
  { port }: Road,
  roomId: string,
): Promise<{ client: CollaborativeClient; room: Room }> {
  const client = new CollaborativeClient({
    url: `ws://127.0.0.1:${String(port)}`,
    token: () => account.token,
    types: [textType, jsonType],
    backoff: QUICK,
    WebSocket,
  });
  ends.push(() => client.disconnect());
  void client.connect();
  return { client, room: await client.joinRoom(roomId) };
}

async function stored(account: Account, roomId: string): Promise<Readonly<Record<string, unknown>>> {
  return get(`${cluster.gateway(2).url}/rooms/${roomId}`, account.token);
}

/** All clients, and the database, agree. */
async function converge(rooms: readonly Room[], account: Account): Promise<unknown> {
  await Promise.all(rooms.map((room) => room.document.saved({ timeoutMs: CONVERGE_MS })));
  const { content, version } = await stored(account, rooms[0]?.id ?? '');
  await waitFor(() => rooms.every(({ document }) => document.version === version), 'one version', CONVERGE_MS);
  for (const { document } of rooms) expect(document.content).toEqual(content);
  return content;
}

function append(room: Room, word: string): void {
  const { length } = String(room.document.content);
  room.document.edit(length === 0 ? [word] : [length, word]);
}

describe('documents', () => {
  test('two edit one text at the same time through two gateways, go offline, come back: nothing is lost, nothing twice', async () => {
    const random = seededRandom(20);
    const [ann, ben] = [await register(cluster.gateway(1).url), await register(cluster.gateway(1).url)];
    const roomId = await createRoom(cluster.gateway(1).url, ann, 'text', '');
    const roads = [await roadTo(1), await roadTo(2)] as const;
    const editors = [await editor(ann, roads[0], roomId), await editor(ben, roads[1], roomId)] as const;
    const rooms = editors.map(({ room }) => room);
    const words: string[] = [];
    const type = (who: number, round: string): void => {
      for (let count = 0; count < 10; count++) {
        const [room, word] = [rooms[who], `<${round}.${String(who)}.${String(count)}>`];
        if (room === undefined) continue;
        const { length } = String(room.document.content);
        // At the ends of words only, so that each can be found again.
        const ends = [...String(room.document.content).matchAll(/</g)].map(({ index }) => index);
        const at = random.pick([...ends, length]);
        room.document.edit(at === 0 ? [word] : [at, word]);
        words.push(word);
      }
    };

    for (const who of [0, 1]) type(who, 'together');
    await converge(rooms, ann);
    roads[0].cut();
    await waitFor(() => rooms[0]?.status === 'offline', 'to be offline');
    for (const who of [0, 1]) type(who, 'apart');
    roads[0].mend();
    await converge(rooms, ann);
    for (const one of roads) one.cut();
    for (const who of [0, 1]) type(who, 'alone');
    for (const one of roads) one.mend();
    const text = String(await converge(rooms, ann));
    expect(text.match(/<[^>]+>/g)?.sort()).toEqual([...words].sort());
  });

  test('connections that break while operations are under way: every word once', async () => {
    const [ann, ben] = [await register(cluster.gateway(1).url), await register(cluster.gateway(1).url)];
    const roomId = await createRoom(cluster.gateway(1).url, ann, 'text', '');
    const [link, safe] = [await roadTo(1), await roadTo(2)];
    const [one, other] = [await editor(ann, link, roomId), await editor(ben, safe, roomId)];
    const words: string[] = [];
    for (let round = 0; round < 8; round++) {
      const seen = other.room.document.version;
      for (let count = 0; count < 3; count++) {
        const word = `<${String(round)}.${String(count)}>`;
        append(one.room, word);
        words.push(word);
      }
      // The first is on its way or there; its acknowledgment may be lost.
      await waitFor(() => other.room.document.version > seen, 'the other to see something', CONVERGE_MS);
      link.leadTo(cluster.gateway((round % 2) + 1).ports[0]);
    }
    const text = String(await converge([one.room, other.room], ann));
    expect(text.match(/<[^>]+>/g)).toEqual(words);
  });

  test('a gateway dies under one of them: it goes on through the other', async () => {
    const [ann, ben] = [await register(cluster.gateway(2).url), await register(cluster.gateway(2).url)];
    const roomId = await createRoom(cluster.gateway(2).url, ann, 'text', 'start');
    const [link, safe] = [await roadTo(1), await roadTo(2)];
    const [one, other] = [await editor(ann, link, roomId), await editor(ben, safe, roomId)];
    append(one.room, ' before');
    await cluster.kill('gateway-1');
    link.leadTo(cluster.gateway(2).ports[0]);
    append(one.room, ' after');
    append(other.room, '!');
    const text = String(await converge([one.room, other.room], ann));
    for (const part of ['start', ' before', ' after', '!']) expect(text.split(part)).toHaveLength(2);
    await cluster.restart('gateway-1');
  });

  test("undo takes back one's own changes among those of others, and others see it", async () => {
    const [ann, ben] = [await register(cluster.gateway(1).url), await register(cluster.gateway(1).url)];
    const roomId = await createRoom(cluster.gateway(1).url, ann, 'text', 'shared');
    const [one, other] = [await editor(ann, await roadTo(1), roomId), await editor(ben, await roadTo(2), roomId)];
    append(one.room, ' mine');
    await waitFor(() => other.room.document.content === 'shared mine', 'mine');
    append(other.room, ' theirs');
    await waitFor(() => one.room.document.content === 'shared mine theirs', 'theirs');
    one.room.document.undo();
    await waitFor(() => other.room.document.content === 'shared theirs', 'the undo');
    one.room.document.redo();
    await waitFor(() => other.room.document.content === 'shared mine theirs', 'the redo');
    await converge([one.room, other.room], ann);
  });

  test('json documents through update()', async () => {
    const ann = await register(cluster.gateway(1).url);
    const roomId = await createRoom(cluster.gateway(1).url, ann, 'json', { title: 'a', items: [1] });
    const [one, other] = [await editor(ann, await roadTo(1), roomId), await editor(ann, await roadTo(2), roomId)];
    one.room.document.update({ title: 'b', items: [1] });
    other.room.document.update({ title: 'a', items: [1, 2] });
    expect(await converge([one.room, other.room], ann)).toEqual({ title: 'b', items: [1, 2] });
  });

  test('cursors and people: binary and JSON, coming and going', async () => {
    const [ann, ben] = [await register(cluster.gateway(1).url), await register(cluster.gateway(1).url)];
    const roomId = await createRoom(cluster.gateway(1).url, ann, 'text', '');
    const [one, other] = [await editor(ann, await roadTo(1), roomId), await editor(ben, await roadTo(2), roomId)];
    await waitFor(() => one.room.participants.length === 2, 'both');
    one.client.updateCursor({ x: 1.5, y: 2.5 });
    await waitFor(() => other.room.cursors.get(ann.id)?.x === 1.5, 'the cursor');
    other.client.updateSelection([{ anchor: 3, head: 5 }]);
    const selected = await waitFor(() => one.room.selections.get(ben.id), 'the selection');
    expect(selected.ranges).toEqual([{ anchor: 3, head: 5 }]);
    other.client.leaveRoom(roomId);
    await waitFor(() => one.room.participants.length === 1, 'one to have left');
    expect(one.room.selections.size).toBe(0);
  });

  test('a room that there is not, and one that its owner deletes', async () => {
    const ann = await register(cluster.gateway(1).url);
    const roomId = await createRoom(cluster.gateway(1).url, ann, 'text', '');
    const { client, room } = await editor(ann, await roadTo(1), roomId);
    await expect(client.joinRoom('nowhere')).rejects.toMatchObject({ code: 'not_found' });
    const deleted = await fetch(`${cluster.gateway(2).url}/rooms/${roomId}`, {
      method: 'DELETE',
      headers: { Authorization: `Bearer ${ann.token}` },
    });
    expect(deleted.ok).toBe(true);
    await waitFor(() => room.status === 'left', 'the end');
  });
});

describe('topics', () => {
  test('what was published while one was away comes first, in order, on another gateway too', async () => {
    const [ann, ben] = [await register(cluster.gateway(1).url), await register(cluster.gateway(1).url)];
    const link = await roadTo(1);
    const listener = new TopicsClient({
      url: `ws://127.0.0.1:${String(link.port)}`,
      token: ann.token,
      backoff: QUICK,
      WebSocket,
    });
    const speaker = new TopicsClient({ url: cluster.gateway(2).wsUrl, token: ben.token, WebSocket });
    ends.push(
      () => listener.disconnect(),
      () => speaker.disconnect(),
    );
    await Promise.all([listener.connect(), speaker.connect()]);
    const heard: unknown[] = [];
    await listener.subscribe(`news.${ann.username}.*`, ({ payload }) => heard.push(payload));
    const publish = (n: number): Promise<unknown> => speaker.publish(`news.${ann.username}.x`, n);
    expect(await publish(1)).toEqual({ recipients: 1 });
    link.cut();
    await waitFor(() => listener.status.state !== 'ready', 'to be away');
    await publish(2);
    await publish(3);
    link.leadTo(cluster.gateway(2).ports[0]);
    link.mend();
    await waitFor(() => listener.status.state === 'ready', 'to be back');
    await publish(4);
    await waitFor(() => heard.length >= 4, 'all');
    expect(heard).toEqual([1, 2, 3, 4]);
    expect(await speaker.sendDirectMessage(ann.username, 'hi')).toMatchObject({ queued: false });
    expect((await speaker.history(`news.${ann.username}.x`)).messages.map(({ payload }) => payload)).toEqual([
      1, 2, 3, 4,
    ]);
    await expect(speaker.publish('$sys.x', 1)).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('chat', () => {
  test('messages that were missed come after READY', async () => {
    const ann = await register(cluster.gateway(1).url);
    const url = cluster.gateway(1).url;
    const { id: serverId } = await post(`${url}/servers`, { name: 'sdk' }, ann.token);
    const { id: channelId } = await post(
      `${url}/servers/${String(serverId)}/channels`,
      { name: 'general', type: 'text' },
      ann.token,
    );
    const link = await roadTo(1);
    const client = new ChatClient({
      url: `ws://127.0.0.1:${String(link.port)}`,
      token: ann.token,
      backoff: QUICK,
      WebSocket,
    });
    ends.push(() => client.disconnect());
    const heard: string[] = [];
    const resumed: unknown[] = [];
    client.on('messageCreated', ({ content }) => heard.push(content));
    client.on('ready', (ready) => resumed.push(ready.resumed));
    await client.connect();
    const rest = new ChatRest({ url: cluster.gateway(2).url, token: ann.token });
    await rest.send(String(channelId), 'one');
    await waitFor(() => heard.length === 1, 'the first');
    link.cut();
    await waitFor(() => client.status.state !== 'ready', 'to be away');
    await rest.send(String(channelId), 'two');
    link.mend();
    await waitFor(() => heard.length === 2, 'the second');
    expect([heard, resumed]).toEqual([
      ['one', 'two'],
      [undefined, true],
    ]);
    expect((await rest.messages(String(channelId))).map(({ content }) => content)).toEqual(['two', 'one']);
  });
});

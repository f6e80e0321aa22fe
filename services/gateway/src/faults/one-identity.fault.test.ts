import { compile } from '@parley/contracts';
import { startCluster, waitFor, within, type Cluster } from '@parley/testing';
import { Type } from '@sinclair/typebox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { must } from './chat-room.js';
import { Line, type Door } from './line.js';
import { call, logIn, PASSWORD, register, type Person } from './people.js';

const REVOKED_WITHIN_MS = 2_000;

const sessionCheck = compile(Type.Object({ id: Type.String() }));
const deviceCheck = compile(Type.Object({ key: Type.String() }));

let cluster: Cluster;
let devices = 0;
/** A party that everybody joins. */
let sessionId: string;
beforeAll(async () => {
  cluster = await startCluster({ gateways: 2, env: { PARLEY_LOG_LEVEL: 'warn' } });
  const host = await register(cluster.gateway(1).url);
  const party = { name: 'A party', max_members: 100 };
  const made = await must('POST', `${cluster.gateway(1).url}/sessions`, host.token, party);
  if (!sessionCheck.is(made)) throw new Error('no session');
  sessionId = made.id;
});
afterAll(() => cluster.stop());

/** What opens each protocol, and how a login that was ended is told of it there. */
function doors(name: string): readonly (Door & { readonly ends: { readonly code: number; readonly word?: string } })[] {
  const hello = { type: 'hello', ts: new Date().toISOString(), payload: {} };
  const deviceInfo = { id: name, name: 'A phone', type: 'client' };
  const join = { type: 'join', timestamp: Date.now(), sessionId, deviceInfo };
  return [
    { path: '/ws/chat', welcome: '"t":"READY"', ends: { code: 4001 } },
    { path: '/ws/topics', welcome: '"status":"connected"', ends: { code: 1008, word: '"code":401' } },
    { path: '/ws/collab', welcome: '"type":"connected"', ends: { code: 1008, word: '"code":1001' } },
    { path: '/ws/viewer', first: hello, welcome: '"hello_ack"', ends: { code: 1008, word: '"Invalid token"' } },
    { path: '/ws/party', first: join, welcome: '"type":"welcome"', ends: { code: 1008, word: '"unauthorized"' } },
  ];
}

interface Opened {
  readonly line: Line;
  readonly ends: { readonly code: number; readonly word?: string };
}

/** All five protocols at once, on one gateway or on both. */
async function everywhere({ token, username }: Person, gateways: readonly number[]): Promise<readonly Opened[]> {
  const opening = gateways.flatMap((number) =>
    doors(`${username}-${String(number)}-${token.slice(-8)}`).map(async ({ ends, ...door }) => {
      return { ends, line: await Line.open(cluster.gateway(number).wsUrl, door, token) };
    }),
  );
  return Promise.all(opening);
}

/** On the second gateway, by a key of its own. */
async function deviceOf(owner: Person): Promise<{ readonly id: string; readonly door: Door; readonly line: Line }> {
  devices += 1;
  const id = `cam-${String(devices)}`;
  const made = await must('POST', `${cluster.gateway(1).url}/devices`, owner.token, {
    device_id: id,
    device_name: 'Kitchen',
  });
  if (!deviceCheck.is(made)) throw new Error('no key');
  const hello = { type: 'hello', ts: new Date().toISOString(), payload: { device_id: id, key: made.key } };
  const door = { path: '/ws/device', first: hello, welcome: '"hello_ack"' };
  return { id, door, line: await Line.open(cluster.gateway(2).wsUrl, door) };
}

/** A viewer on the first gateway, and the device has heard of it. */
async function watching({ token }: Person, device: { readonly id: string; readonly line: Line }): Promise<Line> {
  const hello = { type: 'hello', ts: new Date().toISOString(), payload: {} };
  const door = { path: '/ws/viewer', first: hello, welcome: '"hello_ack"' };
  const viewer = await Line.open(cluster.gateway(1).wsUrl, door, token);
  viewer.send({ type: 'watch_request', ts: new Date().toISOString(), payload: { device_id: device.id } });
  await told(device.line, '"watch_request"');
  await told(viewer, '"watch_ready"');
  return viewer;
}

async function told(line: Line, word: string, deadlineMs = 10_000): Promise<void> {
  await waitFor(() => line.heard.some((text) => text.includes(word)), `${word} on ${line.path}`, deadlineMs);
}

async function expectEnded(opened: readonly Opened[]): Promise<void> {
  const all = Promise.all(
    opened.map(async ({ line, ends }) => {
      const { code, reason } = await line.closed;
      expect([line.path, code, reason]).toEqual([line.path, ends.code, 'login revoked']);
      if (ends.word !== undefined) expect(line.heard.at(-1), line.path).toContain(ends.word);
    }),
  );
  await within(REVOKED_WITHIN_MS, 'the end of every socket', all);
}

async function expectAlive(lines: readonly Line[]): Promise<void> {
  for (const line of lines) await line.roundTrip();
}

function linesOf(opened: readonly Opened[]): readonly Line[] {
  return opened.map(({ line }) => line);
}

/** With this key an operator throws somebody out; how many logins that ended. */
async function throwOut({ id }: Person): Promise<unknown> {
  return must('POST', `${cluster.gateway(1).url}/admin/users/${id}/revoke`, cluster.apiKey);
}

/** They hear it too: a member whose login has ended does not keep its place. */
async function expectLeft(witness: Line, count: number): Promise<void> {
  const left = () => witness.heard.filter((text) => text.includes('"member_left"') && text.includes('"error"'));
  await waitFor(() => left().length === count, 'the others of the party to be told');
}

async function witnessOf(name: string): Promise<Line> {
  const deviceInfo = { id: name, name: 'A guest', type: 'client' };
  const join = { type: 'join', timestamp: Date.now(), sessionId, deviceInfo };
  return Line.open(cluster.gateway(1).wsUrl, { path: '/ws/party', first: join, welcome: '"type":"welcome"' });
}

test('who logs out loses all five protocols on both gateways; the other login and the device do not', async () => {
  const person = await register(cluster.gateway(1).url);
  const again = await logIn(cluster.gateway(2).url, person);
  const device = await deviceOf(person);
  const [mine, others, witness] = [
    await everywhere(person, [1, 2]),
    await everywhere(again, [1]),
    await witnessOf('witness of a logout'),
  ];
  await must('POST', `${cluster.gateway(1).url}/auth/logout`, person.token);
  await expectEnded(mine);
  await expectLeft(witness, 2);
  await expectAlive([device.line, witness, ...linesOf(others)]);
});

test('a new password ends every other login, in all five protocols', async () => {
  const person = await register(cluster.gateway(1).url);
  const again = await logIn(cluster.gateway(2).url, person);
  const device = await deviceOf(person);
  const [mine, others] = [await everywhere(person, [1]), await everywhere(again, [1, 2])];
  const body = { password: 'another good passphrase', current_password: PASSWORD };
  await must('PATCH', `${cluster.gateway(2).url}/users/@me`, person.token, body);
  await expectEnded(others);
  await expectAlive([device.line, ...linesOf(mine)]);
});

test('who is thrown out loses everything at once, their devices too; nobody else loses anything', async () => {
  const person = await register(cluster.gateway(1).url);
  const again = await logIn(cluster.gateway(2).url, person);
  const stranger = await register(cluster.gateway(2).url);
  const [device, foreign, witness] = [
    await deviceOf(person),
    await deviceOf(stranger),
    await witnessOf('witness of a ban'),
  ];
  const mine = [...(await everywhere(person, [1, 2])), ...(await everywhere(again, [1]))];
  const others = await everywhere(stranger, [1, 2]);
  expect(await throwOut(person)).toEqual({ revoked: 2 });
  await expectEnded([...mine, { line: device.line, ends: { code: 1008, word: '"Invalid token"' } }]);
  await expectLeft(witness, 3);
  await expectAlive([foreign.line, witness, ...linesOf(others)]);
  for (const [index, { wsUrl }] of cluster.gateways.entries()) {
    for (const { path } of doors(`refused-${String(index)}`)) {
      const line = Line.dial(wsUrl, path, person.token);
      const { code } = await within(REVOKED_WITHIN_MS, `the refusal on ${path}`, line.closed);
      expect([path, code]).toEqual([path, path === '/ws/chat' ? 4001 : 1008]);
    }
  }
});

test('who is thrown out watches nothing any more, nor is their device watched: the others are told at once', async () => {
  const [person, stranger] = [await register(cluster.gateway(1).url), await register(cluster.gateway(2).url)];
  const [mine, theirs] = [await deviceOf(person), await deviceOf(stranger)];
  for (const [owner, other, { id }] of [
    [person, stranger, mine],
    [stranger, person, theirs],
  ] as const) {
    await must('PUT', `${cluster.gateway(1).url}/devices/${id}/viewers/${other.id}`, owner.token);
  }
  const [outcast, witness] = [await watching(person, theirs), await watching(stranger, mine)];
  expect(await throwOut(person)).toEqual({ revoked: 1 });
  const ends = { code: 1008, word: '"Invalid token"' };
  await expectEnded([outcast, mine.line].map((line) => ({ line, ends })));
  await told(theirs.line, '"viewer_disconnected"', REVOKED_WITHIN_MS);
  await told(witness, '"device_disconnected"', REVOKED_WITHIN_MS);
});

test('who is banned loses all of it, and gets none of it back until the ban is lifted', async () => {
  const person = await register(cluster.gateway(1).url);
  const device = await deviceOf(person);
  const mine = await everywhere(person, [1, 2]);
  const ban = `${cluster.gateway(2).url}/admin/users/${person.id}/ban`;
  expect(await must('PUT', ban, cluster.apiKey)).toEqual({ revoked: 1 });
  await expectEnded([...mine, { line: device.line, ends: { code: 1008, word: '"Invalid token"' } }]);
  const credentials = { username: person.username, password: PASSWORD };
  expect((await call('POST', `${cluster.gateway(1).url}/auth/login`, '', credentials)).status).toBe(403);
  await expect(Line.open(cluster.gateway(1).wsUrl, device.door)).rejects.toThrow('was closed with 1008');
  await must('DELETE', ban, cluster.apiKey);
  await expectAlive(linesOf(await everywhere(await logIn(cluster.gateway(1).url, person), [2])));
  await expectAlive([await Line.open(cluster.gateway(1).wsUrl, device.door)]);
});

test('who is thrown out while nowhere logged in loses their devices all the same', async () => {
  const person = await register(cluster.gateway(1).url);
  const device = await deviceOf(person);
  await must('POST', `${cluster.gateway(1).url}/auth/logout`, person.token);
  await device.line.roundTrip();
  expect(await throwOut(person)).toEqual({ revoked: 0 });
  await expectEnded([{ line: device.line, ends: { code: 1008 } }]);
  const response = await call('GET', `${cluster.gateway(2).url}/devices`, person.token);
  expect(response.status).toBe(401);
});

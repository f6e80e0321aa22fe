import { compile } from '@parley/contracts';
import { startCluster, waitFor, type Cluster } from '@parley/testing';
import { Type } from '@sinclair/typebox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { roomy } from './load.js';
import { PartyClient, type PartySeat } from './party-client.js';

const MEMBERS = 12;
/** The printed client gives up after three attempts, 2 s apart; its own delay is part of it. */
const BACK_MS = 6_000;
const NOTICED_MS = 15_000;

const madeCheck = compile(Type.Object({ id: Type.String(), host_token: Type.String() }));
const listedCheck = compile(Type.Object({ total: Type.Integer() }));

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ gateways: 2, services: { session: 2 }, env: { ...roomy, PARLEY_DRAIN_SECONDS: '2' } });
});
afterAll(() => cluster.stop());

/** As often as it takes: a shard may just be without its owner. */
async function makeParty(): Promise<{ readonly guest: PartySeat; readonly host: PartySeat }> {
  const made = await waitFor(
    async () => {
      const response = await fetch(`${cluster.gateway(1).url}/sessions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'A party', max_members: MEMBERS }),
      });
      const body: unknown = await response.json();
      return madeCheck.is(body) ? body : undefined;
    },
    'a session to be made',
    20_000,
  );
  return { guest: { sessionId: made.id }, host: { sessionId: made.id, hostToken: made.host_token } };
}

/** A load balancer: the gateways in turn, but for those that are away. */
function balancer(away: ReadonlySet<number>): () => string {
  let turn = 0;
  return () => {
    do turn += 1;
    while (away.has((turn % 2) + 1));
    return cluster.gateway((turn % 2) + 1).wsUrl;
  };
}

/** A host and so many others that the session is full, spread over both gateways. */
async function fullParty(where: () => string): Promise<readonly PartyClient[]> {
  const { host, guest } = await makeParty();
  const clients = [await PartyClient.join(host, where)];
  while (clients.length < MEMBERS) clients.push(await PartyClient.join(guest, where));
  return clients;
}

async function expectComplete(clients: readonly PartyClient[]): Promise<void> {
  const ids = clients.map(({ id }) => id).sort();
  for (const client of clients) {
    await waitFor(
      () => ids.every((id) => client.statusOf(id) === 'connected') && client.members.length === ids.length,
      'everybody to be listed as connected',
      10_000,
    );
  }
}

/** Each time somebody came back it was told of everybody at once. */
function expectToldOfAll(clients: readonly PartyClient[]): void {
  const ids = clients.map(({ id }) => id).sort();
  for (const { heard } of clients) {
    const lists = heard.flatMap((_, at) => (heard[at - 1]?.type === 'welcome' ? [heard[at]?.members ?? []] : []));
    for (const list of lists.slice(1)) expect(list.map(({ id }) => id).sort()).toEqual(ids);
  }
}

test('a rolling restart of the gateways gives every member its place back within 6 s', async () => {
  const away = new Set<number>();
  const clients = await fullParty(balancer(away));
  for (const gateway of [1, 2]) {
    away.add(gateway);
    await cluster.process(`gateway-${String(gateway)}`).stop();
    await waitFor(() => clients.every(({ connected, failed }) => connected || failed), 'everybody to be back', 15_000);
    await cluster.restart(`gateway-${String(gateway)}`);
    away.delete(gateway);
  }
  await expectComplete(clients);
  expectToldOfAll(clients);
  expect(clients.filter(({ failed }) => failed)).toEqual([]);
  const returns = clients.flatMap((client) => client.returns);
  expect(returns.length).toBeGreaterThanOrEqual(MEMBERS);
  expect(Math.max(...returns), `returns: ${returns.map(Math.round).join(' ')} ms`).toBeLessThan(BACK_MS);
  for (const { ids } of clients) expect(new Set(ids).size).toBe(1);
  const left = clients.flatMap(({ heard }) => heard.filter(({ type }) => type === 'member_left'));
  expect(left).toEqual([]);
  for (const client of clients.toReversed()) await client.leave();
}, 90_000);

test('a gateway killed with SIGKILL: its members are back within 6 s; those who do not come back are told of', async () => {
  const away = new Set<number>();
  const clients = await fullParty(balancer(away));
  const { guest } = await makeParty();
  const [ghost, witness] = [
    await PartyClient.join(guest, () => cluster.gateway(2).wsUrl),
    await PartyClient.join(guest, () => cluster.gateway(1).wsUrl),
  ];
  away.add(2);
  ghost.drop();
  await cluster.kill('gateway-2');
  await waitFor(() => clients.every(({ connected, failed }) => connected || failed), 'everybody to be back', 15_000);
  await expectComplete(clients);
  expect(clients.filter(({ failed }) => failed)).toEqual([]);
  for (const { ids } of clients) expect(new Set(ids).size).toBe(1);
  expect(Math.max(...clients.flatMap((client) => client.returns))).toBeLessThan(BACK_MS + 1_000);
  await waitFor(() => witness.statusOf(ghost.id) === 'reconnecting', 'the ghost to be noticed', NOTICED_MS);
  const gone = () => witness.heard.find(({ type, memberId }) => type === 'member_left' && memberId === ghost.id);
  await waitFor(() => gone() !== undefined, 'the ghost to be gone', 25_000);
  expect(gone()).toMatchObject({ reason: 'timeout' });
  for (const client of [...clients.toReversed(), witness]) await client.leave();
  await cluster.restart('gateway-2');
}, 120_000);

test('the owner of a session killed with SIGKILL: the party goes on, and joins are late at most', async () => {
  const where = balancer(new Set());
  const { host, guest } = await makeParty();
  const [witness, other] = [await PartyClient.join(host, where), await PartyClient.join(guest, where)];
  await cluster.kill('session');
  const late = await waitFor(
    () => PartyClient.join(guest, where).catch(() => undefined),
    'a newcomer to get in',
    30_000,
  );
  expect([witness.connected, other.connected]).toEqual([true, true]);
  await waitFor(() => witness.heard.some(({ member }) => member?.id === late.id), 'the newcomer to be told of');
  await cluster.restart('session');
  for (const client of [late, other, witness]) await client.leave();
}, 90_000);

test('a gateway that dies while nobody serves sessions: its members are found by asking presence', async () => {
  const { guest } = await makeParty();
  const [ghost, witness] = [
    await PartyClient.join(guest, () => cluster.gateway(2).wsUrl),
    await PartyClient.join(guest, () => cluster.gateway(1).wsUrl),
  ];
  for (const replica of ['session', 'session-2']) await cluster.kill(replica);
  ghost.drop();
  await cluster.kill('gateway-2');
  const connections = async (): Promise<number> => {
    const response = await fetch(`${cluster.gateway(1).url}/admin/connections?dialect=party`, {
      headers: { authorization: `Bearer ${cluster.apiKey}` },
    });
    const listed: unknown = await response.json();
    return listedCheck.is(listed) ? listed.total : Number.NaN;
  };
  await waitFor(async () => (await connections()) === 1, 'presence to have noticed', NOTICED_MS);
  for (const replica of ['session', 'session-2']) await cluster.restart(replica);
  await waitFor(() => witness.statusOf(ghost.id) === 'reconnecting', 'the ghost to be found', 45_000);
  expect(witness.statusOf(witness.id)).toBe('connected');
  await witness.leave();
  await cluster.restart('gateway-2');
}, 120_000);

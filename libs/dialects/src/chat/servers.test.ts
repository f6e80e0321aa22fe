import { fail, membershipChanged, newServerId, ok, type ServerId, type UserId } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import type { JoinRequest } from '../command.js';
import { aConnection, aLogin, anEvent, aServer, aSession, joinsAt } from '../testing/chat.js';

const membership = (userId: UserId, serverId: ServerId, change: 'joined' | 'left', sequence = 1) =>
  anEvent(membershipChanged, userId, { userId, serverId, change }, { sequence });

describe('servers', () => {
  it('SV2: one that was joined is listened to from that moment on', async () => {
    const login = aLogin();
    const harness = await aConnection(login);
    const serverId = newServerId();
    harness.join = joinsAt([40]);
    await harness.observe(membership(login.userId, serverId, 'joined', 33));
    expect(harness.log).toEqual([
      {
        kind: 'join',
        requests: [{ subject: `evt.server.${serverId}`, recover: { after: 33, limit: 1_000, maxAgeSeconds: 600 } }],
      },
    ]);
  });

  it('SV3: one that was left is not', async () => {
    const server = aServer();
    const login = aLogin();
    const harness = await aConnection(login, [server]);
    await harness.observe(membership(login.userId, server.id, 'left'));
    expect(harness.log).toEqual([{ kind: 'leave', subjects: [`evt.server.${server.id}`] }]);
  });

  it.each([
    ['cannot be joined', () => fail('unavailable', 'away')],
    ['cannot be joined without a gap', joinsAt([40], false)],
  ] as const)('SV4: one that %s sends the client away', async (_, join) => {
    const login = aLogin();
    const harness = await aConnection(login);
    harness.join = join;
    await harness.observe(membership(login.userId, newServerId(), 'joined'));
    expect(harness.log.at(-1)).toEqual({ kind: 'close', code: 1013, reason: 'try again later' });
  });

  it('SV2: one that is joined already changes nothing', async () => {
    const server = aServer();
    const login = aLogin();
    const harness = await aConnection(login, [server]);
    harness.join = (requests) => ok(requests.map(({ subject }) => ({ subject, position: 5 })));
    await harness.observe(membership(login.userId, server.id, 'joined'));
    expect(harness.log.map(({ kind }) => kind)).toEqual(['join']);
  });
});

describe('recovery', () => {
  const recoverOf = (requests: readonly JoinRequest[]) => requests.map(({ recover }) => recover);

  it('RS1: READY tells where it stands, and says nothing of resuming unless asked', async () => {
    const harness = aSession([aServer(), aServer()]);
    harness.join = joinsAt([20, 21, 17, 22]);
    await harness.open(ok(aLogin()));
    const [ready] = harness.take();
    expect(ready).toMatchObject({ d: { sequence: 17, servers: [{ sequence: 17 }, { sequence: 22 }] } });
    expect(ready).not.toHaveProperty('d.resumed');
  });

  it('RS2, RS4: asks for what came since, of signals only the latest', async () => {
    const asked: JoinRequest[] = [];
    const harness = aSession([aServer(), aServer()], { query: 'token=x&since=15' });
    const answer = joinsAt([20, 20, 20, 20]);
    harness.join = (requests) => {
      asked.push(...requests);
      return answer(requests);
    };
    await harness.open(ok(aLogin()));
    const server = { after: 15, limit: 1_000, maxAgeSeconds: 600 };
    expect(recoverOf(asked)).toEqual([undefined, { ...server, maxAgeSeconds: 10 }, server, server]);
    expect(harness.take()).toMatchObject([{ t: 'READY', d: { resumed: true } }]);
  });

  it('RS1, RS5: as long as missed events are to follow, the point to resume from is before them', async () => {
    const [busy, quiet] = [aServer(), aServer()];
    const harness = aSession([busy, quiet], { query: 'since=15' });
    harness.join = (requests) =>
      ok(
        requests.map(({ subject, recover }) => {
          const count = subject.endsWith(busy.id) ? 2 : 0;
          return { subject, position: 20, ...(recover === undefined ? {} : { recovered: { complete: true, count } }) };
        }),
      );
    await harness.open(ok(aLogin()));
    expect(harness.take()).toMatchObject([
      { d: { resumed: true, sequence: 15, servers: [{ sequence: 15 }, { sequence: 20 }] } },
    ]);
  });

  it('RS2: who is in no server has missed nothing', async () => {
    const harness = aSession([], { query: 'since=15' });
    harness.join = joinsAt([20, 20]);
    await harness.open(ok(aLogin()));
    expect(harness.take()).toMatchObject([{ t: 'READY', d: { resumed: true } }]);
  });

  it('RS3: says so when too much was missed', async () => {
    const harness = aSession([aServer()], { query: 'since=15' });
    harness.join = joinsAt([20, 20, 20], false);
    await harness.open(ok(aLogin()));
    expect(harness.take()).toMatchObject([{ t: 'READY', d: { resumed: false } }]);
  });

  it('RS3: says so when what was missed cannot be read now, and goes on live', async () => {
    const harness = aSession([aServer()], { query: 'since=15' });
    const answer = joinsAt([20, 20, 20]);
    harness.join = (requests) =>
      requests.some(({ recover }) => recover !== undefined) ? fail('unavailable', 'too many reads') : answer(requests);
    await harness.open(ok(aLogin()));
    expect(harness.take()).toMatchObject([{ t: 'READY', d: { resumed: false, sequence: 20 } }]);
  });

  it('RS3: says so when the number was never reached', async () => {
    const harness = aSession([aServer()], { query: 'since=21' });
    harness.join = joinsAt([20, 20, 20]);
    await harness.open(ok(aLogin()));
    expect(harness.take()).toMatchObject([{ t: 'READY', d: { resumed: false } }]);
  });

  it.each(['', 'x', '-1', '1.5', '1e3', '9'.repeat(16)])('RS3: since=%s is told as too old', async (since) => {
    const asked: JoinRequest[] = [];
    const harness = aSession([aServer()], { query: `since=${since}` });
    const answer = joinsAt([20, 20, 20]);
    harness.join = (requests) => {
      asked.push(...requests);
      return answer(requests);
    };
    await harness.open(ok(aLogin()));
    expect(recoverOf(asked)).toEqual([undefined, undefined, undefined]);
    expect(harness.take()).toMatchObject([{ t: 'READY', d: { resumed: false } }]);
  });
});

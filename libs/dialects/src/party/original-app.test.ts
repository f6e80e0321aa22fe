import { partyEvent } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import { aConnection, aMember, aMemberInside, anEvent, aPartySession, lets, NOW } from '../testing/party.js';

const time: unknown = expect.any(Number);

describe('the original app', () => {
  it('AP1, AP3: is answered in kind, for good', async () => {
    const harness = await aConnection();
    const [session, me] = [aPartySession(), aMember({ isHost: true, name: 'DJ' })];
    lets(harness, session, me);
    const payload = { sessionId: session.id, deviceId: 'd', deviceName: 'My Phone', version: '1.0.0' };
    await harness.send({ type: 'JOIN', timestamp: NOW, payload });
    expect(harness.log.filter(({ kind }) => kind === 'prefer-alternative')).toHaveLength(1);
    expect(harness.take()).toEqual([
      {
        type: 'WELCOME',
        timestamp: harness.now,
        payload: {
          clientId: me.id,
          sessionInfo: { id: session.id, name: session.name, hostId: session.hostId },
          sessionId: session.id,
          sessionName: session.name,
          hostId: session.hostId,
          hostName: 'DJ',
          yourDeviceId: me.id,
          connectedAt: harness.now,
        },
      },
      {
        type: 'MEMBER_LIST',
        timestamp: harness.now,
        payload: {
          members: [{ ...me, role: 'host', lastSeen: harness.now, address: '', latency: null }],
          totalCount: 1,
        },
      },
    ]);
    await harness.send({ type: 'ping', timestamp: 3 });
    expect(harness.take()).toMatchObject([{ type: 'PONG', timestamp: 3 }]);
    await harness.observe(anEvent(partyEvent, session.id, { type: 'closed', at: NOW, reason: 'Over' }));
    expect(harness.take()).toEqual([{ type: 'SESSION_CLOSED', timestamp: NOW, payload: { reason: 'Over' } }]);
  });

  it('AP1: a connection that began with the document stays with it', async () => {
    const { harness } = await aMemberInside();
    await harness.send({ type: 'PING', timestamp: 1, payload: { timestamp: 9 } });
    expect(harness.take()).toEqual([{ type: 'pong', timestamp: 9 }]);
  });

  it('AP5: has its ping echoed', async () => {
    const harness = await aConnection();
    const [session, me] = [aPartySession(), aMember()];
    lets(harness, session, me);
    await harness.send({
      type: 'JOIN',
      timestamp: 1,
      payload: { sessionId: session.id, deviceId: 'd', deviceName: 'n' },
    });
    harness.takeLog();
    await harness.send({ type: 'PING', timestamp: 1, payload: { timestamp: 9 } });
    expect(harness.take()).toEqual([
      { type: 'PONG', timestamp: 9, payload: { timestamp: harness.now, pingTimestamp: 9 } },
    ]);
  });

  it('AP4: gets its errors in its own form', async () => {
    const harness = await aConnection();
    await harness.send({ type: 'HEARTBEAT', timestamp: 1 });
    expect(harness.take()).toEqual([
      { type: 'ERROR', timestamp: time, payload: { code: 'UNAUTHORIZED', message: 'Join a session first' } },
    ]);
  });
});

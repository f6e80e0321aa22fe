import { newConnectionId, newGatewayId, newMemberId, newSessionId, newUserId } from '@parley/contracts';
import { expect, it } from 'vitest';
import { Latencies } from './latencies.js';
import { Positions } from './positions.js';
import type { Member } from './session.js';

it('latencies are shown of connections that are measured, and forgotten with them', () => {
  let now = 0;
  const latencies = new Latencies(() => now);
  const connectionId = newConnectionId();
  const member: Member = {
    id: newMemberId(),
    sessionId: newSessionId(),
    deviceId: 'd',
    name: 'n',
    isHost: false,
    joinedAt: 0,
    accountId: null,
    status: 'connected',
    link: { connectionId, gatewayId: newGatewayId(), loginUserId: newUserId() },
  };
  const shown = () => latencies.show([member])[0]?.latency;
  expect(shown()).toBeUndefined();
  latencies.note(connectionId, 40);
  latencies.note(connectionId, 23);
  expect(shown()).toBe(23);
  expect(latencies.show([{ ...member, link: null }])[0]).not.toHaveProperty('latency');
  now += 90_001;
  expect(shown()).toBeUndefined();
  latencies.note(connectionId, 5);
  latencies.forget(connectionId);
  expect(shown()).toBeUndefined();
});

it('a position is told to who waits for it, and to nobody else', async () => {
  const positions = new Positions();
  positions.published('unexpected', 1);
  const position = positions.expect('mine');
  positions.published('other', 2);
  positions.published('mine', 3);
  positions.published('mine', 4);
  expect(await position).toBe(3);
});

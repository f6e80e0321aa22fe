import { compile, newConnectionId, newMemberId, newSessionId, partyEvent } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import { aMember, anEvent, encoded, formsOf, NOW } from '../testing/party.js';
import { Down, NestedDown } from './down.js';

const sessionId = newSessionId();
const downCheck = compile(Down);
const nestedCheck = compile(NestedDown);

describe('events', () => {
  it('JN1, MS6, MS7: of a new member, not to itself', () => {
    const [member, connectionId] = [aMember({ latency: 31 }), newConnectionId()];
    const event = anEvent(partyEvent, sessionId, { type: 'member_joined', at: NOW, member, connectionId });
    expect(formsOf(event).flat).toEqual([{ type: 'member_joined', timestamp: NOW, member }]);
    expect(encoded(event)).toMatchObject({ delivery: { class: 'must' }, except: connectionId });
  });

  it('MS8: of all members', () => {
    const members = [aMember({ isHost: true }), aMember({ connectionStatus: 'reconnecting' })];
    const event = anEvent(partyEvent, sessionId, { type: 'members', at: NOW, members });
    expect(formsOf(event).flat).toEqual([{ type: 'member_list', timestamp: NOW, members }]);
  });

  it.each(['left', 'kicked', 'timeout', 'error'] as const)('MS6: of one who is gone: %s', (reason) => {
    const memberId = newMemberId();
    const event = anEvent(partyEvent, sessionId, { type: 'member_left', at: NOW, memberId, name: 'A Phone', reason });
    expect(formsOf(event).flat).toEqual([{ type: 'member_left', timestamp: NOW, memberId, reason }]);
  });

  it('MS12, MS13: that sessions act upon are not shown as such', () => {
    const connectionId = newConnectionId();
    for (const news of [
      { type: 'kicked', at: NOW, memberId: newMemberId(), connectionId, reason: 'x' },
      { type: 'superseded', at: NOW, connectionId },
      { type: 'returned', at: NOW, connectionId },
      { type: 'closed', at: NOW, reason: 'x' },
    ] as const) {
      expect(encoded(anEvent(partyEvent, sessionId, news))).toBeUndefined();
    }
  });

  it('AP3: in the form of the original app', () => {
    const [member, memberId] = [aMember({ isHost: true, latency: 12 }), newMemberId()];
    const unmeasured = aMember();
    const joined = { type: 'member_joined', at: NOW, member, connectionId: newConnectionId() } as const;
    expect(formsOf(anEvent(partyEvent, sessionId, joined)).nested).toEqual([
      {
        type: 'MEMBER_JOINED',
        timestamp: NOW,
        payload: { member: { ...member, role: 'host', lastSeen: NOW, address: '' } },
      },
    ]);
    const all = anEvent(partyEvent, sessionId, { type: 'members', at: NOW, members: [unmeasured] });
    expect(formsOf(all).nested).toMatchObject([
      { type: 'MEMBER_LIST', payload: { members: [{ role: 'client', latency: null }], totalCount: 1 } },
    ]);
    const left = { type: 'member_left', at: NOW, memberId, name: 'A Phone', reason: 'left' } as const;
    expect(formsOf(anEvent(partyEvent, sessionId, left)).nested).toEqual([
      {
        type: 'MEMBER_LEFT',
        timestamp: NOW,
        payload: { memberId, deviceId: memberId, deviceName: 'A Phone', reason: 'left' },
      },
    ]);
  });

  it('FM1: fit the schemas that are published, in both forms', () => {
    const events = [
      anEvent(partyEvent, sessionId, {
        type: 'member_joined',
        at: NOW,
        member: aMember(),
        connectionId: newConnectionId(),
      }),
      anEvent(partyEvent, sessionId, { type: 'members', at: NOW, members: [aMember(), aMember({ latency: 3 })] }),
      anEvent(partyEvent, sessionId, {
        type: 'member_left',
        at: NOW,
        memberId: newMemberId(),
        name: 'n',
        reason: 'error',
      }),
    ];
    for (const event of events) {
      const { flat, nested } = formsOf(event);
      expect([flat.every((down) => downCheck.is(down)), nested.every((down) => nestedCheck.is(down))]).toEqual([
        true,
        true,
      ]);
    }
  });
});

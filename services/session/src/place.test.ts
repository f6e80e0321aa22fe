import { newConnectionId, newGatewayId, newMemberId, newSessionId, newUserId } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import { verdictOn, type Newcomer } from './place.js';
import type { Member } from './session.js';

const sessionId = newSessionId();

function aMember(over: Partial<Member> = {}): Member {
  const link = { connectionId: newConnectionId(), gatewayId: newGatewayId(), loginUserId: newUserId() };
  return {
    id: newMemberId(),
    sessionId,
    deviceId: 'phone',
    name: 'A Phone',
    isHost: false,
    joinedAt: 0,
    accountId: null,
    status: 'connected',
    link,
    ...over,
  };
}

function held(member: Member): Member {
  return { ...member, status: 'reconnecting', link: null };
}

function newcomer(over: Partial<Newcomer> = {}): Newcomer {
  return { deviceId: 'phone', isHost: false, connectionId: newConnectionId(), accountId: null, ...over };
}

describe('a client', () => {
  it('enters where its device is not known, takes the place that waits for it, and makes an old connection go', () => {
    const there = aMember();
    expect(verdictOn(newcomer(), [])).toEqual({ kind: 'enter', instead: undefined });
    const waiting = held(there);
    expect(verdictOn(newcomer(), [waiting])).toEqual({ kind: 'return', member: waiting, instead: undefined });
    expect(verdictOn(newcomer(), [there])).toEqual({ kind: 'already_joined', supersede: there });
  });

  it('that asks again on its own connection is in already', () => {
    const there = aMember();
    const same = newcomer({ connectionId: there.link?.connectionId ?? newConnectionId() });
    expect(verdictOn(same, [there])).toEqual({ kind: 'return', member: there, instead: undefined });
  });

  it('gets no place of another account, whether held or not', () => {
    const mine = newUserId();
    for (const member of [aMember({ accountId: mine }), held(aMember({ accountId: mine }))]) {
      expect(verdictOn(newcomer(), [member]).kind).toBe('foreign');
      expect(verdictOn(newcomer({ accountId: newUserId() }), [member]).kind).toBe('foreign');
      expect(verdictOn(newcomer({ accountId: mine }), [member]).kind).not.toBe('foreign');
    }
  });

  it('neither gets nor ends the place of a host whose device id it knows', () => {
    for (const host of [aMember({ isHost: true }), held(aMember({ isHost: true }))]) {
      expect(verdictOn(newcomer(), [host])).toEqual({ kind: 'already_joined', supersede: undefined });
    }
  });
});

describe('a host', () => {
  const asHost = (over: Partial<Newcomer> = {}): Newcomer => newcomer({ isHost: true, ...over });

  it('enters, returns from any device, and makes its old connection go', () => {
    const host = aMember({ isHost: true, deviceId: 'laptop' });
    expect(verdictOn(asHost(), [])).toEqual({ kind: 'enter', instead: undefined });
    const waiting = held(host);
    expect(verdictOn(asHost(), [waiting])).toEqual({ kind: 'return', member: waiting, instead: undefined });
    expect(verdictOn(asHost(), [host])).toEqual({ kind: 'already_joined', supersede: host });
  });

  it('gives up the place that the same device has as a client', () => {
    const [host, client] = [held(aMember({ isHost: true, deviceId: 'laptop' })), aMember()];
    expect(verdictOn(asHost(), [host, client])).toEqual({ kind: 'already_joined', supersede: client });
    const waiting = held(client);
    expect(verdictOn(asHost(), [host, waiting])).toEqual({ kind: 'return', member: host, instead: waiting });
    expect(verdictOn(asHost(), [waiting])).toEqual({ kind: 'enter', instead: waiting });
  });
});

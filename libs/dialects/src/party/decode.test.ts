import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textFrame } from '../frame.js';
import { aJoin, NOW } from '../testing/party.js';
import { decode } from './decode.js';

function read(message: unknown) {
  return decode(textFrame(JSON.stringify(message)));
}

describe('flat messages', () => {
  it.each([
    aJoin('abc123'),
    aJoin('abc123', { protocolVersion: '1.0', token: 'host_x' }),
    { type: 'leave', timestamp: NOW },
    { type: 'leave', timestamp: NOW, reason: 'User exited session' },
    { type: 'heartbeat', timestamp: NOW },
    { type: 'ping', timestamp: 0.5 },
    { type: 'member_list', timestamp: NOW },
    { type: 'kick', timestamp: NOW, memberId: 'm', reason: 'Too loud' },
    { type: 'close_session', timestamp: NOW },
    { type: 'auth', timestamp: NOW, token: 'a.b.c' },
  ])('FM1: are read as they are, unknown fields and all: %j', (message) => {
    expect(read({ ...message, extra: { nested: true } })).toEqual({
      form: 'flat',
      kind: 'message',
      message: { ...message, extra: { nested: true } },
    });
  });

  it.each([
    ['frame', textFrame('{"type":')],
    ['frame', textFrame('[]')],
    ['frame', { data: new Uint8Array([1, 2]), binary: true }],
    ['type', textFrame('{}')],
    ['type', textFrame('{"type":7}')],
    ['type', textFrame('{"type":"dance","timestamp":1}')],
    ['type', textFrame('{"type":"welcome","timestamp":1}')],
    ['type', textFrame('{"type":"toString","timestamp":1}')],
    ['timestamp', textFrame('{"type":"ping"}')],
    ['timestamp', textFrame('{"type":"ping","timestamp":"now"}')],
    ['sessionId', textFrame('{"type":"join","timestamp":1}')],
    ['deviceInfo.type', textFrame(JSON.stringify(aJoin('x', { deviceInfo: { id: 'd', name: 'n', type: 'dj' } })))],
    ['deviceInfo.name', textFrame(JSON.stringify(aJoin('x', { deviceInfo: { id: 'd', name: '', type: 'host' } })))],
    ['deviceInfo.name', textFrame(JSON.stringify(aJoin('x', { deviceInfo: { id: 'd', name: 'a\0', type: 'host' } })))],
    ['deviceInfo.id', textFrame(JSON.stringify(aJoin('x', { deviceInfo: { id: '\ud800', name: 'a', type: 'host' } })))],
    ['reason', textFrame(JSON.stringify({ type: 'leave', timestamp: 1, reason: 'x'.repeat(201) }))],
  ])('FM2, FM3: name what is wrong: %s', (field, frame) => {
    expect(decode(frame)).toMatchObject({ kind: 'malformed', field });
  });

  it('FM3: never throw, whatever comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string(), fc.uint8Array()), fc.boolean(), (data, binary) => {
        decode({ data, binary });
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('nested messages', () => {
  it('AP2: a join names the device as the app does', () => {
    const payload = { sessionId: 'A1B2C3', deviceId: 'd', deviceName: 'My Phone', version: '1.0.0' };
    expect(read({ type: 'JOIN', timestamp: NOW, messageId: 'msg_1', payload })).toMatchObject({
      form: 'nested',
      kind: 'message',
      message: {
        type: 'join',
        timestamp: NOW,
        sessionId: 'A1B2C3',
        deviceInfo: { id: 'd', name: 'My Phone', type: 'client' },
        protocolVersion: '1.0',
      },
    });
  });

  it('AP2: or as the document does; another version is another version', () => {
    const deviceInfo = { id: 'd', name: 'n', type: 'host' };
    const read1 = read({ type: 'JOIN', timestamp: 1, payload: { sessionId: 'x', deviceInfo, token: 'host_t' } });
    expect(read1).toMatchObject({ message: { deviceInfo, token: 'host_t' } });
    const read2 = read({ type: 'JOIN', timestamp: 1, payload: { sessionId: 'x', deviceInfo, version: '2.0.0' } });
    expect(read2).toMatchObject({ message: { protocolVersion: '2.0.0' } });
  });

  it('AP1: the others are read with or without a payload', () => {
    expect(read({ type: 'HEARTBEAT', timestamp: 1 })).toMatchObject({ form: 'nested', message: { type: 'heartbeat' } });
    const leave = { type: 'LEAVE', timestamp: 1, payload: { deviceId: 'd', reason: 'Bye' } };
    expect(read(leave)).toMatchObject({ message: { type: 'leave', reason: 'Bye' } });
    const kick = { type: 'KICK', timestamp: 1, payload: { memberId: 'm' } };
    expect(read(kick)).toMatchObject({ message: { type: 'kick', memberId: 'm' } });
  });

  it('AP5: a ping is answered with the time inside it', () => {
    expect(read({ type: 'PING', timestamp: 1, payload: { timestamp: 2 } })).toMatchObject({
      message: { timestamp: 2 },
    });
    expect(read({ type: 'PING', timestamp: 1 })).toMatchObject({ message: { timestamp: 1 } });
  });

  it.each([
    ['type', { type: 'DANCE', timestamp: 1 }],
    ['type', { type: 'WELCOME', timestamp: 1, payload: {} }],
    ['timestamp', { type: 'PING' }],
    ['payload', { type: 'PING', timestamp: 1, payload: 7 }],
    ['payload.sessionId', { type: 'JOIN', timestamp: 1, payload: {} }],
    ['payload.deviceInfo.id', { type: 'JOIN', timestamp: 1, payload: { sessionId: 'x' } }],
    ['payload.memberId', { type: 'KICK', timestamp: 1, payload: {} }],
  ])('FM2: name what is wrong as the client wrote it: %s', (field, message) => {
    expect(read(message)).toMatchObject({ form: 'nested', kind: 'malformed', field });
  });

  it('FM1: cannot smuggle in another type or time', () => {
    const payload = { type: 'close_session', timestamp: 5, memberId: 'm' };
    expect(read({ type: 'KICK', timestamp: 1, payload })).toMatchObject({ message: { type: 'kick', timestamp: 1 } });
  });
});

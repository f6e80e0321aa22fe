import { compile, newConnectionId, newUserId } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import { theOne } from '../testing/fixtures.js';
import { aDeviceId, anEventFor, aSessionId, NOW, textsOf, TS } from '../testing/watch.js';
import { Down } from './down.js';
import { frameOf } from './encode.js';
import { watch } from './index.js';

const downCheck = compile(Down);
const connectionId = newConnectionId();
const sessionId = aSessionId();

function encoded(...event: Parameters<typeof anEventFor>) {
  const raw = anEventFor(...event);
  return theOne(watch.encoders.get(raw.kind)?.encode(raw));
}

describe('events', () => {
  it('WT1: a request names who wants to watch, with the ICE servers as they are', () => {
    const [userId, iceServers] = [newUserId(), [{ urls: ['turn:turn.example.org'], username: 'u', credential: 'c' }]];
    const news = { type: 'requested', at: NOW, sessionId, userId, iceServers } as const;
    const payload = `{"session_id":"${sessionId}","user_id":"${userId}","ice_servers":${JSON.stringify(iceServers)}}`;
    expect(textsOf(anEventFor(connectionId, news)).map(String)).toEqual([
      `{"type":"watch_request","ts":"${TS}","payload":${payload}}`,
    ]);
  });

  it('WT3: a signal is written around the bytes that it came with, which are not read', () => {
    const body = Uint8Array.from([0x5b, 0x20, 0x31, 0x2e, 0x30, 0x65, 0x30, 0x20, 0x5d]);
    for (const [signal, field] of [
      ['offer', 'sdp'],
      ['answer', 'sdp'],
      ['ice', 'candidate'],
    ] as const) {
      const [text] = textsOf(anEventFor(connectionId, { type: 'signal', at: NOW, sessionId, signal }, body));
      expect(text).toBe(
        `{"type":"signal_${signal}","ts":"${TS}","payload":{"session_id":"${sessionId}","${field}":[ 1.0e0 ]}}`,
      );
    }
  });

  it('WT3: a signal without its bytes is none', () => {
    const raw = anEventFor(connectionId, { type: 'signal', at: NOW, sessionId, signal: 'ice' });
    expect(watch.encoders.get(raw.kind)?.encode(raw)).toBeUndefined();
  });

  it('WT9, FM8: of what waits for a slow reader only presence may be left out, all but the newest of each device', () => {
    const iceServers = [{ urls: 'stun:stun.example.org' }];
    for (const news of [
      { type: 'requested', at: NOW, sessionId, userId: newUserId(), iceServers },
      { type: 'ended', at: NOW, sessionId, reason: 'timeout' },
    ] as const) {
      expect(encoded(connectionId, news)).toMatchObject({ delivery: { class: 'must' } });
    }
    const [one, two] = ['one', 'two'].map((id) =>
      encoded(connectionId, { type: 'presence', at: NOW, deviceId: aDeviceId(id), presence: { battery: 1 } }),
    );
    expect(one?.delivery).toEqual({ class: 'newest', key: 'presence one' });
    expect(two?.delivery).toEqual({ class: 'newest', key: 'presence two' });
  });

  it('HL10, HL16: that sessions act upon are not shown', () => {
    for (const reason of ['replaced', 'deleted'] as const) {
      const raw = anEventFor(connectionId, { type: 'closed', at: NOW, reason });
      expect(watch.encoders.get(raw.kind)?.encode(raw)).toBeUndefined();
    }
  });

  it('FM1: fit the schemas that are published', () => {
    const presence = { type: 'presence', at: NOW, deviceId: aDeviceId(), presence: { deep: { a: [1] } } } as const;
    const ended = { type: 'ended', at: NOW, sessionId, reason: 'device_disconnected' } as const;
    const ice = { type: 'signal', at: NOW, sessionId, signal: 'ice' } as const;
    const texts = [
      ...textsOf(anEventFor(connectionId, presence)),
      ...textsOf(anEventFor(connectionId, ended)),
      ...textsOf(anEventFor(connectionId, ice, 'null')),
    ];
    expect(texts).toHaveLength(3);
    for (const text of texts) {
      const told: unknown = JSON.parse(String(text));
      expect(downCheck.is(told)).toBe(true);
    }
  });
});

it('FM2: what answers carries the id of what is answered, and nothing where there is none', () => {
  const told = { type: 'heartbeat_ack', payload: {} } as const;
  expect(frameOf({ at: NOW, requestId: 'r1' }, told)).toMatchObject({
    data: `{"type":"heartbeat_ack","request_id":"r1","ts":"${TS}","payload":{}}`,
  });
  expect(frameOf({ at: NOW }, told)).toMatchObject({ data: `{"type":"heartbeat_ack","ts":"${TS}","payload":{}}` });
});

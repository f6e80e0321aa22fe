import { compile, devices, newConnectionId, newUserId, ok, watch } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import { textFrame } from '../frame.js';
import type { Harness } from '../testing/harness.js';
import {
  aConnection,
  aDevice,
  aDeviceId,
  aLogin,
  anEventFor,
  aSessionId,
  aViewer,
  message,
  textsOf,
} from '../testing/watch.js';
import { Down } from './down.js';
import { decodeDevice, decodeViewer } from './decode.js';
import type { Role } from './handshake.js';

const downCheck = compile(Down);
const SESSION = aSessionId('550e8400-e29b-41d4-a716-446655440000');
const at = (time: string): number => Date.parse(time);

const offer = `{
      "type": "offer",
      "sdp": "v=0\\r\\no=- 123456789 2 IN IP4 127.0.0.1\\r\\n..."
    }`;
const answer = `{
      "type": "answer",
      "sdp": "v=0\\r\\no=- 987654321 2 IN IP4 127.0.0.1\\r\\n..."
    }`;
const candidate = `{
        "candidate": "candidate:1 1 UDP 2130706431 192.168.1.100 54321 typ host",
        "sdpMid": "0",
        "sdpMLineIndex": 0
      }`;

/** Every example that the document prints for devices, in the spelling that it has there. */
const ofDevices = {
  hello: `{ "type": "hello", "ts": "2025-01-01T12:34:56.789Z", "payload": { "device_id": "kitchen-cam-001" } }`,
  heartbeat: `{ "type": "heartbeat", "ts": "2025-01-01T12:35:26.789Z", "payload": {} }`,
  signal_answer: `{
    "type": "signal_answer",
    "ts": "2025-01-01T12:36:01.500Z",
    "payload": { "session_id": "${SESSION}", "sdp": ${answer} }
  }`,
  signal_ice: `{
    "type": "signal_ice",
    "ts": "2025-01-01T12:36:02.000Z",
    "payload": { "session_id": "${SESSION}", "candidate": ${candidate} }
  }`,
  last_ice: `{
    "type": "signal_ice",
    "ts": "2025-01-01T12:36:05.000Z",
    "payload": { "session_id": "${SESSION}", "candidate": null }
  }`,
  device_presence: `{
    "type": "device_presence",
    "ts": "2025-01-01T12:34:56.789Z",
    "payload": { "battery": 85, "temperature": 45, "recording": false }
  }`,
};

const ofViewers = {
  hello: `{ "type": "hello", "ts": "2025-01-01T12:34:56.789Z", "payload": { "token": "eyJ0eXAiOiJKV1QiLCJhbGc..." } }`,
  heartbeat: ofDevices.heartbeat,
  watch_request: `{
    "type": "watch_request",
    "request_id": "req-001",
    "ts": "2025-01-01T12:36:00.000Z",
    "payload": { "device_id": "kitchen-cam-001" }
  }`,
  signal_offer: `{
    "type": "signal_offer",
    "ts": "2025-01-01T12:36:01.000Z",
    "payload": { "session_id": "${SESSION}", "sdp": ${offer} }
  }`,
  signal_ice: ofDevices.signal_ice,
  end_watch: `{ "type": "end_watch", "ts": "2025-01-01T12:40:00.000Z", "payload": { "session_id": "${SESSION}" } }`,
};

describe('the examples for clients', () => {
  it.each(Object.entries(ofDevices))('FM1: %s of a device is understood', (_, text) => {
    expect(decodeDevice(textFrame(text))).toMatchObject({ kind: 'message' });
  });

  it.each(Object.entries(ofViewers))('FM1: %s of a viewer is understood', (_, text) => {
    expect(decodeViewer(textFrame(text))).toMatchObject({ kind: 'message' });
  });
});

const iceServers = [
  { urls: 'stun:stun.l.google.com:19302' },
  {
    urls: ['turn:turn.example.com:3478?transport=udp', 'turn:turn.example.com:3478?transport=tcp'],
    username: '1735740000:device_550e8400',
    credential: 'a1b2c3d4e5f6...',
    credentialType: 'password' as const,
  },
];

/** Frames of an event, parsed; each holds to the schema of what the server sends. */
function told(...event: Parameters<typeof anEventFor>): unknown[] {
  return textsOf(anEventFor(...event)).map((text): unknown => {
    const parsed: unknown = JSON.parse(String(text));
    expect(downCheck.is(parsed)).toBe(true);
    return parsed;
  });
}

describe('the examples for the server', () => {
  it('HL2: hello_ack of a device', async () => {
    const harness = await aConnection('device');
    harness.answer(devices.authenticate, () => ok({ principalId: newUserId(), ownerId: newUserId() }));
    harness.answer(devices.connect, () => ok({}));
    harness.now = at('2025-01-01T12:34:56.800Z');
    await harness.receive(textFrame(ofDevices.hello));
    const ts = '2025-01-01T12:34:56.800Z';
    expect(harness.take()).toEqual([
      { type: 'hello_ack', ts, payload: { device_id: 'kitchen-cam-001', server_time: ts } },
    ]);
  });

  it('WT1: watch_request to the device', () => {
    const userId = newUserId();
    const ts = '2025-01-01T12:36:00.000Z';
    const news = { type: 'requested', at: at(ts), sessionId: SESSION, userId, iceServers } as const;
    expect(told(newConnectionId(), news)).toEqual([
      { type: 'watch_request', ts, payload: { session_id: SESSION, user_id: userId, ice_servers: iceServers } },
    ]);
  });

  it('WT1, FM2: watch_ready', async () => {
    const harness = await aViewer();
    harness.now = at('2025-01-01T12:36:00.100Z');
    harness.answer(watch.request, () => ok({ result: 'ready', sessionId: SESSION, iceServers }));
    await harness.receive(textFrame(ofViewers.watch_request));
    expect(harness.take()).toEqual([
      {
        type: 'watch_ready',
        request_id: 'req-001',
        ts: '2025-01-01T12:36:00.100Z',
        payload: { session_id: SESSION, ice_servers: iceServers },
      },
    ]);
  });

  it('WT2, FM2: Device is offline', async () => {
    const harness = await aViewer();
    harness.now = at('2025-01-01T12:36:00.100Z');
    harness.answer(watch.request, () => ok({ result: 'offline' }));
    await harness.receive(textFrame(ofViewers.watch_request));
    expect(harness.take()).toEqual([
      {
        type: 'error',
        request_id: 'req-001',
        ts: '2025-01-01T12:36:00.100Z',
        payload: { message: 'Device is offline' },
      },
    ]);
  });

  it.each([
    ['offer', 'sdp', offer],
    ['answer', 'sdp', answer],
    ['ice', 'candidate', candidate],
    ['ice', 'candidate', 'null'],
  ] as const)('WT3: signal_%s with its %s, byte for byte', (signal, field, body) => {
    const ts = '2025-01-01T12:36:01.000Z';
    const news = { type: 'signal', at: at(ts), sessionId: SESSION, signal } as const;
    const parsed: unknown = JSON.parse(body);
    expect(told(newConnectionId(), news, body)).toEqual([
      { type: `signal_${signal}`, ts, payload: { session_id: SESSION, [field]: parsed } },
    ]);
    expect(String(textsOf(anEventFor(newConnectionId(), news, body))[0])).toContain(`"${field}":${body}}}`);
  });

  it.each(['viewer_disconnected', 'user_ended', 'timeout', 'error', 'device_disconnected'] as const)(
    'WT6: watch_ended, %s',
    (reason) => {
      const ts = '2025-01-01T12:40:00.000Z';
      expect(told(newConnectionId(), { type: 'ended', at: at(ts), sessionId: SESSION, reason })).toEqual([
        { type: 'watch_ended', ts, payload: { session_id: SESSION, reason } },
      ]);
    },
  );

  it('FM3: heartbeat_ack', async () => {
    const harness = await aDevice(aDeviceId());
    harness.now = at('2025-01-01T12:35:26.795Z');
    await harness.receive(textFrame(ofDevices.heartbeat));
    expect(harness.take()).toEqual([{ type: 'heartbeat_ack', ts: '2025-01-01T12:35:26.795Z', payload: {} }]);
  });

  it('HL5: hello_ack of a viewer', async () => {
    const login = aLogin();
    const harness = await aConnection('viewer');
    harness.tokens.set('eyJ0eXAiOiJKV1QiLCJhbGc...', login);
    harness.answer(watch.connectViewer, () => ok({ sessionIds: [] }));
    harness.now = at('2025-01-01T12:34:56.800Z');
    await harness.receive(textFrame(ofViewers.hello));
    const ts = '2025-01-01T12:34:56.800Z';
    expect(harness.take()).toEqual([{ type: 'hello_ack', ts, payload: { user_id: login.userId, server_time: ts } }]);
  });
});

/** Both parties and, between them, as much of the service as passes on what they say; writes down who says what. */
class Flow {
  readonly said: string[] = [];
  private readonly connections = { device: newConnectionId(), viewer: newConnectionId() };

  private constructor(private readonly parties: Readonly<Record<Role, Harness>>) {
    const { device, viewer } = parties;
    const login = aLogin();
    device.answer(devices.authenticate, () => ok({ principalId: newUserId(), ownerId: newUserId() }));
    device.answer(devices.connect, () => ok({}));
    viewer.tokens.set('token', login);
    viewer.answer(watch.connectViewer, () => ok({ sessionIds: [] }));
    const isOnline = (): boolean => this.said.includes('server → device: hello_ack');
    viewer.answer(watch.request, () => {
      if (!isOnline()) return ok({ result: 'offline' });
      const { userId } = login;
      this.later.push(['device', { type: 'requested', at: 0, sessionId: SESSION, userId, iceServers }]);
      return ok({ result: 'ready', sessionId: SESSION, iceServers });
    });
    for (const [role, other] of [
      ['device', 'viewer'],
      ['viewer', 'device'],
    ] as const) {
      parties[role].answer(watch.signal, ({ type: signal }, body) => {
        this.later.push([other, { type: 'signal', at: 0, sessionId: SESSION, signal }, body]);
        return ok({});
      });
    }
    viewer.answer(watch.end, () => {
      this.later.push(['device', { type: 'ended', at: 0, sessionId: SESSION, reason: 'user_ended' }]);
      return ok({});
    });
  }

  private later: (readonly [Role, Parameters<typeof anEventFor>[1], (Uint8Array | undefined)?])[] = [];

  static async begin(): Promise<Flow> {
    return new Flow({ device: await aConnection('device'), viewer: await aConnection('viewer') });
  }

  async says(role: Role, type: string, payload: object = {}): Promise<void> {
    this.said.push(`${role} → server: ${type}`);
    await this.parties[role].send(message(type, payload));
    for (const down of this.parties[role].take()) this.hears(role, down);
    for (const [to, news, body] of this.later.splice(0)) this.learns(to, news, body);
  }

  learns(role: Role, news: Parameters<typeof anEventFor>[1], body?: Uint8Array): void {
    for (const down of told(this.connections[role], news, body)) this.hears(role, down);
  }

  private hears(role: Role, down: unknown): void {
    if (!downCheck.is(down)) throw new Error(JSON.stringify(down));
    this.said.push(`server → ${role}: ${down.type}`);
  }
}

/** As the document draws them. */
describe('the example flows', () => {
  const session_id = SESSION;

  async function bothSayHello(flow: Flow): Promise<void> {
    await flow.says('viewer', 'hello', { token: 'token' });
    await flow.says('device', 'hello', { device_id: 'kitchen-cam-001' });
  }
  const hellos = [
    'viewer → server: hello',
    'server → viewer: hello_ack',
    'device → server: hello',
    'server → device: hello_ack',
  ];

  it('HL2, HL5, WT1, WT3, WT5: Successful Watch Session', async () => {
    const flow = await Flow.begin();
    await bothSayHello(flow);
    await flow.says('viewer', 'watch_request', { device_id: 'kitchen-cam-001' });
    await flow.says('viewer', 'signal_offer', { session_id, sdp: { type: 'offer', sdp: 'v=0' } });
    await flow.says('device', 'signal_answer', { session_id, sdp: { type: 'answer', sdp: 'v=0' } });
    await flow.says('viewer', 'signal_ice', { session_id, candidate: null });
    await flow.says('device', 'signal_ice', { session_id, candidate: null });
    await flow.says('viewer', 'end_watch', { session_id });
    expect(flow.said).toEqual([
      ...hellos,
      'viewer → server: watch_request',
      'server → viewer: watch_ready',
      'server → device: watch_request',
      'viewer → server: signal_offer',
      'server → device: signal_offer',
      'device → server: signal_answer',
      'server → viewer: signal_answer',
      'viewer → server: signal_ice',
      'server → device: signal_ice',
      'device → server: signal_ice',
      'server → viewer: signal_ice',
      'viewer → server: end_watch',
      // Ours: the document's viewer is not told.
      'server → viewer: watch_ended',
      'server → device: watch_ended',
    ]);
  });

  it('WT2: Device Offline Error', async () => {
    const flow = await Flow.begin();
    await flow.says('viewer', 'hello', { token: 'token' });
    await flow.says('viewer', 'watch_request', { device_id: 'kitchen-cam-001' });
    expect(flow.said.slice(2)).toEqual(['viewer → server: watch_request', 'server → viewer: error']);
  });

  it('WT6, WT7: Device Disconnect During Session', async () => {
    const flow = await Flow.begin();
    await bothSayHello(flow);
    await flow.says('viewer', 'watch_request', { device_id: 'kitchen-cam-001' });
    flow.learns('viewer', { type: 'ended', at: 0, sessionId: SESSION, reason: 'device_disconnected' });
    expect(flow.said.at(-1)).toBe('server → viewer: watch_ended');
  });
});

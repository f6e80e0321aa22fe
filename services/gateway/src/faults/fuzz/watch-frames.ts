import { decodeDevice, decodeViewer } from '@parley/dialects/watch/decode';
import type { fromDevice, fromViewer } from '@parley/dialects/watch/up';
import type { SeededRandom } from '@parley/testing';
import { mutateText, mutateValue, randomValue } from './mutations.js';

export type WatchRole = 'device' | 'viewer';

/** How it is answered, to a party of one live session. */
export type WatchAnswer =
  | { readonly kind: 'nothing' | 'an ack' | 'an error' }
  /** Nothing to its sender; the other party gets it, with these very characters. */
  | { readonly kind: 'passed on'; readonly body: string };

export interface WatchFuzzFrame {
  readonly data: string | Buffer;
  readonly answer: WatchAnswer;
  /** That the answer carries, if there is one. */
  readonly requestId: string | undefined;
  /** Counts towards the 20 that end a connection. */
  readonly bad: boolean;
  /** How it was made, for a failure's text. */
  readonly how: string;
}

type Fields = Readonly<Record<string, unknown>>;
type Build = (random: SeededRandom, sessionId: string) => Fields;
type DeviceType = keyof typeof fromDevice;
type ViewerType = keyof typeof fromViewer;

/** By default of the service. */
const SIGNAL_BYTES = 65_536;
const PRESENCE_BYTES = 4_096;
const FOREIGN = ['hello_ack', 'watch_ready', 'watch_ended', 'Hello', '', '__proto__', 'toString', 'signal_offer'];

const signal: Build = (random, sessionId) => ({
  session_id: random.chance(0.8)
    ? sessionId
    : random.pick(['', '*', random.text(36), '018f0000-0000-7000-8000-000000000000']),
});
const candidate: Build = (random, sessionId) => ({
  ...signal(random, sessionId),
  candidate: random.chance(0.2)
    ? null
    : {
        candidate: random.text(random.int(0, 80)),
        sdpMid: '0',
        sdpMLineIndex: random.int(0, 3),
        more: randomValue(random, 2),
      },
});
const description =
  (type: 'offer' | 'answer'): Build =>
  (random, sessionId) => ({
    ...signal(random, sessionId),
    sdp: {
      type,
      sdp: random.text(random.int(0, 400)),
      ...(random.chance(0.3) ? { more: randomValue(random, 3) } : {}),
    },
  });

const ofDevice: Readonly<Record<DeviceType, Build>> = {
  hello: (random) => ({ device_id: random.text(8), key: random.text(20) }),
  heartbeat: () => ({}),
  signal_answer: description('answer'),
  signal_ice: candidate,
  device_presence: (random) => ({ battery: random.int(0, 100), [random.text(5)]: randomValue(random, 3) }),
};
const ofViewer: Readonly<Record<ViewerType, Build>> = {
  hello: (random) => ({ token: random.text(random.int(1, 200)) }),
  heartbeat: () => ({}),
  // None of them is a device.
  watch_request: (random) => ({ device_id: random.pick(['', '*', 'no-such-device', random.text(20)]) }),
  signal_offer: description('offer'),
  signal_ice: candidate,
  end_watch: (random) => ({ session_id: random.pick(['', '*', random.text(36)]) }),
  auth: (random) => ({ token: random.text(random.int(1, 200)) }),
};
const builds: Readonly<Record<WatchRole, readonly (readonly [type: string, build: Build])[]>> = {
  device: Object.entries(ofDevice),
  viewer: Object.entries(ofViewer),
};

function message(random: SeededRandom, role: WatchRole, sessionId: string): Fields {
  const [type, build] = random.pick(builds[role]);
  return {
    type,
    ...(random.chance(0.7) ? { request_id: random.text(random.int(1, 12)) } : {}),
    ts: random.pick(['2025-01-01T12:36:00.000Z', '2025-01-01T12:36:00+02:00', new Date(0).toISOString()]),
    payload: { ...build(random, sessionId), ...(random.chance(0.1) ? { extra: randomValue(random, 2) } : {}) },
  };
}

/** One frame of any kind; the same seed gives the same frames. */
export function watchFuzzFrame(random: SeededRandom, role: WatchRole, sessionId: string): WatchFuzzFrame {
  const text = (data: string, how: string): WatchFuzzFrame => judged(data, how, role, sessionId);
  const kind = random.int(1, 1_000);
  if (kind === 1) return text(oversized(random, role, sessionId), 'oversized');
  if (kind <= 520) return text(JSON.stringify(message(random, role, sessionId)), 'valid');
  if (kind <= 740) {
    let value: unknown = message(random, role, sessionId);
    for (let times = random.int(1, 3); times > 0; times--) value = mutateValue(value, random);
    return text(JSON.stringify(value), 'mutated value');
  }
  if (kind <= 920) {
    let data = JSON.stringify(message(random, role, sessionId));
    for (let times = random.int(1, 2); times > 0; times--) data = mutateText(data, random);
    return text(data, 'mutated text');
  }
  if (kind <= 945) {
    const other = message(random, role === 'device' ? 'viewer' : 'device', sessionId);
    return text(JSON.stringify(random.chance() ? other : { ...other, type: random.pick(FOREIGN) }), 'foreign');
  }
  if (kind <= 970) return text(JSON.stringify(randomValue(random, 5)), 'random JSON');
  if (kind <= 985) return text(random.text(random.int(0, 300)), 'random text');
  const data = Buffer.from(random.bytes(random.int(0, 300)));
  return { data, answer: { kind: 'an error' }, requestId: undefined, bad: true, how: 'binary' };
}

/** Still within the limit of a frame. */
function oversized(random: SeededRandom, role: WatchRole, sessionId: string): string {
  const long = 'x'.repeat(950_000);
  const ts = '2025-01-01T12:36:00.000Z';
  const description = role === 'device' ? 'answer' : 'offer';
  return JSON.stringify(
    random.pick<Fields>([
      { type: `signal_${description}`, ts, payload: { session_id: sessionId, sdp: { type: description, sdp: long } } },
      { type: 'signal_ice', ts, payload: { session_id: sessionId, candidate: { candidate: long } } },
      { type: 'device_presence', ts, payload: { long } },
      { type: 'heartbeat', ts, payload: { [long]: 1 } },
      { type: long },
    ]),
  );
}

/** By the dialect's own decoder, which has tests of its own: here it is the server that is tried. */
function judged(data: string, how: string, role: WatchRole, sessionId: string): WatchFuzzFrame {
  const decoded = (role === 'device' ? decodeDevice : decodeViewer)({ data: Buffer.from(data), binary: false });
  const { requestId } = decoded;
  if (decoded.kind === 'malformed') return { data, answer: { kind: 'an error' }, requestId, bad: true, how };
  const isSecondHello = decoded.message.type === 'hello';
  return { data, answer: answerTo(decoded.message, sessionId), requestId, bad: isSecondHello, how };
}

type Message = Extract<ReturnType<typeof decodeDevice | typeof decodeViewer>, { readonly kind: 'message' }>['message'];

function answerTo(message: Message, sessionId: string): WatchAnswer {
  switch (message.type) {
    case 'heartbeat':
      return { kind: 'an ack' };
    case 'signal': {
      const passes = message.sessionId === sessionId && message.body.length <= SIGNAL_BYTES;
      return passes ? { kind: 'passed on', body: Buffer.from(message.body).toString() } : { kind: 'an error' };
    }
    case 'device_presence': {
      const text = JSON.stringify(message.presence);
      const isKept = Buffer.byteLength(text) <= PRESENCE_BYTES && !/(?<!\\)(\\\\)*\\u(0000|d[89a-f])/.test(text);
      return { kind: isKept ? 'nothing' : 'an error' };
    }
    default:
      return { kind: 'an error' };
  }
}

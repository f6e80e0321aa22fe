import { compile } from '@parley/contracts';
import { up, type UpType } from '@parley/dialects/collab/up';
import type { SeededRandom } from '@parley/testing';
import { gzipSync } from 'node:zlib';
import { mutateText, mutateValue, randomValue } from './mutations.js';

/**
 * What has to come back. `error`: bad input, which must be answered. `named`: it has an id, and an answer of its own that
 * names it, perhaps later. `maybe`: it may be right to say nothing.
 */
export interface CollabFuzzFrame {
  readonly data: string | Buffer;
  readonly expected: 'error' | 'named' | 'maybe';
  /** Where the message has one that can be read: an error must name it. */
  readonly id: string | undefined;
  /** How it was made, for a failure's text. */
  readonly how: string;
}

type Fields = Readonly<Record<string, unknown>>;
type Build = (random: SeededRandom, rooms: readonly string[]) => Fields;

const number = (random: SeededRandom): number => random.pick([0, -1, 1.5, 1e30, random.int(-1_000, 1_000)]);
const textOperation = (random: SeededRandom): unknown =>
  random.pick<unknown>([
    [random.text(5)],
    [random.int(1, 3), 'x'],
    [{ d: 1 }],
    ['x', { d: 'y' }],
    randomValue(random, 3),
  ]);

/** The payload of a valid message of each type. */
const valid: Readonly<Record<UpType, Build>> = {
  connect: (random) => ({ token: random.text(20), deviceId: random.text(5), clientVersion: '1' }),
  auth: (random) => ({ token: random.text(random.int(1, 200)) }),
  join_room: (random, rooms) => ({
    roomId: random.pick(rooms),
    ...(random.chance() ? { lastSyncVersion: random.int(0, 500) } : {}),
  }),
  leave_room: (random, rooms) => ({ roomId: random.pick(rooms) }),
  cursor_move: (random) => ({
    x: number(random),
    y: number(random),
    viewportX: number(random),
    viewportY: number(random),
    timestamp: random.int(0, 2 ** 40),
  }),
  selection_change: (random) => ({
    ranges: Array.from({ length: random.int(0, 3) }, () => ({
      anchor: random.int(0, 9),
      more: randomValue(random, 3),
    })),
    color: random.text(6),
  }),
  operation: (random) => ({
    operation: textOperation(random),
    version: random.pick([1, random.int(1, 500), 2 ** 40]),
    ...(random.chance(0.2) ? { checksum: random.text(64) } : {}),
  }),
  ping: (random) => ({ timestamp: random.int(0, 2 ** 31) }),
  batch: (random, rooms) => {
    const messages = Array.from({ length: random.int(1, 4) }, () => message(random, rooms, random.pick(INNER)));
    if (random.chance()) return { messages, compressed: false };
    const packed = gzipSync(random.chance(0.2) ? random.text(50) : JSON.stringify(messages));
    const cut = random.chance(0.3) ? packed.subarray(0, random.int(0, packed.length)) : packed;
    return { messages: cut.toString('base64'), compressed: true };
  },
};
const TYPES: readonly UpType[] = [
  'connect',
  'auth',
  'join_room',
  'leave_room',
  'cursor_move',
  'selection_change',
  'operation',
  'ping',
  'batch',
];
const INNER: readonly UpType[] = ['cursor_move', 'selection_change', 'ping', 'operation', 'leave_room'];
/** Those that cost no other service much: most of what stays valid is of these. */
const CHEAP: readonly UpType[] = ['cursor_move', 'selection_change', 'ping', 'auth'];

const checks = new Map<string, { is(value: unknown): boolean }>(
  Object.entries(up).map(([type, schema]) => [type, compile(schema)]),
);

/** Rare, since they are a thousand times as long as others. */
const OVERSIZED = 0.001;

function message(random: SeededRandom, rooms: readonly string[], type: UpType): Fields {
  return {
    id: uuidOf(random),
    type,
    version: 1,
    timestamp: random.int(0, 2 ** 40),
    payload: valid[type](random, rooms),
    ...(random.chance(0.3) ? { roomId: random.pick(rooms) } : {}),
    ...(random.chance(0.2) ? { acknowledgment: random.chance() } : {}),
    ...(random.chance(0.1) ? { extra: randomValue(random, 2) } : {}),
  };
}

/** One frame of any kind; the same seed gives the same frames. */
export function collabFuzzFrame(random: SeededRandom, rooms: readonly string[]): CollabFuzzFrame {
  if (random.chance(OVERSIZED)) return textFrame(oversized(random, rooms), 'oversized');
  const kind = random.int(1, 100);
  if (kind <= 22) return textFrame(JSON.stringify(message(random, rooms, random.pick(CHEAP))), 'valid, cheap');
  if (kind <= 34) return textFrame(JSON.stringify(message(random, rooms, random.pick(TYPES))), 'valid');
  if (kind <= 56) {
    let value: unknown = message(random, rooms, random.pick(TYPES));
    for (let times = random.int(1, 3); times > 0; times--) value = mutateValue(value, random);
    return textFrame(JSON.stringify(value), 'mutated value');
  }
  if (kind <= 74) {
    let text = JSON.stringify(message(random, rooms, random.pick(TYPES)));
    for (let times = random.int(1, 2); times > 0; times--) text = mutateText(text, random);
    return textFrame(text, 'mutated text');
  }
  if (kind <= 79) return textFrame(JSON.stringify(randomValue(random, 5)), 'random JSON');
  if (kind <= 82) return textFrame(random.text(random.int(0, 300)), 'random text');
  return binaryFrame(random);
}

/** Still within the limit of a frame, and beyond what a list, a selection or a batch may have; a bomb among them. */
function oversized(random: SeededRandom, rooms: readonly string[]): string {
  const long = 'x'.repeat(900_000);
  const of = (type: UpType, payload: Fields): Fields => ({ ...message(random, rooms, type), payload });
  return JSON.stringify(
    random.pick<Fields>([
      of('operation', { operation: [long, { d: 1_000_000 }], version: 1 }),
      of('selection_change', { ranges: [{ long }], color: '' }),
      of('selection_change', { ranges: Array.from({ length: 100_000 }, () => ({})), color: '' }),
      of('batch', { messages: Array.from({ length: 200_000 }, () => 1), compressed: false }),
      of('batch', { messages: gzipSync(Buffer.alloc(100_000_000, ' ')).toString('base64'), compressed: true }),
      of('batch', { messages: long, compressed: true }),
      of('ping', { timestamp: 1, [long]: 1 }),
      { type: long },
    ]),
  );
}

function binaryFrame(random: SeededRandom): CollabFuzzFrame {
  const length = random.chance(0.8) ? random.pick([18, 26]) : random.int(0, 60);
  const data = Buffer.from(random.bytes(length));
  if (length >= 2 && random.chance(0.8)) data.writeUInt16BE(random.int(1, 2), 0);
  return { data, expected: isRight(data) ? 'maybe' : 'error', id: undefined, how: 'binary' };
}

function isRight(data: Buffer): boolean {
  if (data.length !== 18 && data.length !== 26) return false;
  const type = data.readUInt16BE(0);
  const viewport = type === 1 && data.length === 26 ? [18, 22] : [];
  return (type === 1 || type === 2) && [6, 10, ...viewport].every((at) => Number.isFinite(data.readFloatBE(at)));
}

function textFrame(data: string, how: string): CollabFuzzFrame {
  return { data, how, ...judge(data) };
}

/** What the schemas say of it. Stricter rules than theirs may still refuse it; then it is answered as well. */
function judge(text: string): { expected: CollabFuzzFrame['expected']; id: string | undefined } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { expected: 'error', id: undefined };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { expected: 'error', id: undefined };
  const given: unknown = Object.hasOwn(value, 'id') && 'id' in value ? value.id : undefined;
  const id = typeof given === 'string' && given.length <= 64 ? given : undefined;
  const type: unknown = 'type' in value ? value.type : undefined;
  if (typeof type !== 'string' || checks.get(type)?.is(value) !== true) return { expected: 'error', id };
  return { expected: type === 'operation' || type === 'auth' ? 'named' : 'maybe', id };
}

function uuidOf(random: SeededRandom): string {
  const hex = Buffer.from(random.bytes(16)).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

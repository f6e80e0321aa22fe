import { compile } from '@parley/contracts';
import { Extension, up } from '@parley/dialects/topics/up';
import type { SeededRandom } from '@parley/testing';
import { mutateText, mutateValue, randomValue } from './mutations.js';

/**
 * What has to come back. `error`: bad input, which must be answered. `answer`: something, since its type has an answer of
 * its own. `maybe`: it may be right to say nothing.
 */
export type Expected = 'error' | 'answer' | 'maybe';

export interface FuzzFrame {
  readonly data: string | Buffer;
  readonly expected: Expected;
  /** Where the message has one that can be read: whatever answers it must name it. */
  readonly id: string | undefined;
  /** How it was made, for a failure's text. */
  readonly how: string;
}

/** Whom and what valid frames may name. */
export interface Surroundings {
  readonly userIds: readonly string[];
  readonly usernames: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;
type Build = (random: SeededRandom, around: Surroundings) => Fields;

// Few names: every topic that was ever heard leaves a number behind in the gateway, bounded, but not a leak to look for.
const topicOf = (random: SeededRandom): string => `fuzz.${String(random.int(1, 40))}`;
const patternOf = (random: SeededRandom): string =>
  random.pick([topicOf(random), topicOf(random), 'fuzz.*', '*.1', 'fuzz.>', 'presence.*', 'notifications']);
const someone = (random: SeededRandom, { userIds, usernames }: Surroundings): string =>
  random.pick([random.pick(userIds), random.pick(usernames), 'nobody_at_all']);

/** The data of a valid message of each type. */
const valid: Readonly<Record<string, Build>> = {
  Ping: (random) => ({ timestamp: random.int(0, 2 ** 31) }),
  Pong: (random) => ({ timestamp: random.int(0, 2 ** 31) }),
  Subscribe: (random) => ({ topics: Array.from({ length: random.int(1, 5) }, () => patternOf(random)) }),
  Unsubscribe: (random) => ({ topics: Array.from({ length: random.int(1, 5) }, () => patternOf(random)) }),
  Broadcast: (random) => ({ topic: topicOf(random), payload: randomValue(random, 3) }),
  DirectMessage: (random, around) => ({ target_user: someone(random, around), payload: randomValue(random, 2) }),
  Presence: (random) => ({
    status: random.pick(['online', 'idle', 'dnd', 'away', 'busy']),
    metadata: { note: randomValue(random, 2) },
  }),
  History: (random) => ({ topic: topicOf(random), limit: random.int(1, 100), before: random.int(0, 10_000) }),
  Auth: (random) => ({ token: random.text(random.int(1, 200)) }),
  BinaryRoute: (random) => ({
    type: random.pick(['broadcast', 'direct_message', 'file_transfer', 'stream_data']),
    topic: topicOf(random),
    name: random.text(8),
  }),
  Batch: (random, around) => ({
    messages: Array.from({ length: random.int(1, 4) }, () => message(random, around, pickType(random, CHEAP))),
  }),
  'X-Unknown': (random) => ({ anything: randomValue(random, 3) }),
};
const TYPES = Object.keys(valid);
/** Those that cost no other service much: most of what stays valid is of these. */
const CHEAP = ['Ping', 'Pong', 'Unsubscribe', 'Auth', 'BinaryRoute'];
/** What is right without an answer, when it has no id. */
const SILENT = new Set(['Pong', 'Broadcast', 'DirectMessage', 'Presence', 'Batch']);

/** Rare, since they are a thousand times as long as others. */
const OVERSIZED = 0.0005;

let nextId = 0;

function pickType(random: SeededRandom, types: readonly string[]): string {
  return random.pick(types);
}

function message(random: SeededRandom, around: Surroundings, type: string): Fields {
  const data = valid[type]?.(random, around);
  return {
    type,
    data,
    ...(random.chance(0.6) ? { id: `fuzz-${String(++nextId)}` } : {}),
    ...(random.chance(0.2) ? { timestamp: random.int(0, 2 ** 40) } : {}),
    ...(random.chance(0.2) ? { metadata: { priority: 'high', trace: randomValue(random, 2) } } : {}),
  };
}

/** One frame of any kind; the same seed gives the same frames. */
export function fuzzFrame(random: SeededRandom, around: Surroundings): FuzzFrame {
  if (random.chance(OVERSIZED)) return textFrame(oversized(random), 'oversized');
  const kind = random.int(1, 100);
  if (kind <= 22) return textFrame(JSON.stringify(message(random, around, random.pick(CHEAP))), 'valid, cheap');
  if (kind <= 25) return textFrame(JSON.stringify(message(random, around, random.pick(TYPES))), 'valid');
  if (kind <= 60) {
    let value: unknown = message(random, around, random.pick(TYPES));
    for (let times = random.int(1, 3); times > 0; times--) value = mutateValue(value, random);
    return textFrame(JSON.stringify(value), 'mutated value');
  }
  if (kind <= 82) {
    let text = JSON.stringify(message(random, around, random.pick(TYPES)));
    for (let times = random.int(1, 2); times > 0; times--) text = mutateText(text, random);
    return textFrame(text, 'mutated text');
  }
  if (kind <= 88) return textFrame(JSON.stringify(randomValue(random, 5)), 'random JSON');
  if (kind <= 91) return textFrame(random.text(random.int(0, 300)), 'random text');
  return binaryFrame(random);
}

/** Still within the limit of a frame, and beyond what a message, a topic or a list may have. */
function oversized(random: SeededRandom): string {
  const long = 'x'.repeat(950_000);
  const data = random.pick([
    { topic: topicOf(random), payload: long },
    { topic: long, payload: 1 },
    { topic: 'fuzz.1', payload: 1, [long]: 1 },
  ]);
  const topics = Array.from({ length: 60_000 }, () => 'fuzz.1');
  return JSON.stringify(
    random.pick<Fields>([
      { type: 'Broadcast', id: `fuzz-${String(++nextId)}`, data },
      { type: 'Subscribe', id: `fuzz-${String(++nextId)}`, data: { topics } },
      { type: 'Batch', data: { messages: topics } },
      { type: long, data: {} },
      { type: 'Ping', id: long, data: { timestamp: 1 } },
    ]),
  );
}

function binaryFrame(random: SeededRandom): FuzzFrame {
  const body = random.bytes(random.int(0, 300));
  const data = Buffer.alloc(5 + body.length);
  data[0] = random.chance(0.7) ? random.int(1, 4) : random.int(0, 255);
  data.writeUInt32BE(random.chance(0.5) ? body.length : random.int(0, 0xffffffff), 1);
  data.set(body, 5);
  const cut = random.chance(0.3) ? data.subarray(0, random.int(0, data.length)) : data;
  const right = cut.length >= 5 && (cut[0] ?? 0) >= 1 && (cut[0] ?? 0) <= 4 && cut.readUInt32BE(1) === cut.length - 5;
  return { data: cut, expected: right ? 'answer' : 'error', id: undefined, how: 'binary' };
}

const checks = new Map(Object.entries(up).map(([type, schema]) => [type, compile(schema)]));
const extensionCheck = compile(Extension);

export function textFrame(data: string, how: string): FuzzFrame {
  return { data, how, ...judge(data) };
}

/** What the schemas say of it. Stricter rules than theirs may still refuse it; then it is answered as well. */
function judge(text: string): { expected: Expected; id: string | undefined } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { expected: 'error', id: undefined };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { expected: 'error', id: undefined };
  const given: unknown = Object.hasOwn(value, 'id') && 'id' in value ? value.id : undefined;
  const id = typeof given === 'string' && given.length <= 256 ? given : undefined;
  const type: unknown = 'type' in value ? value.type : undefined;
  if (typeof type !== 'string') return { expected: 'error', id };
  const check = type.startsWith('X-') ? extensionCheck : checks.get(type);
  if (check?.is(value) !== true) return { expected: 'error', id };
  return { expected: id !== undefined || !SILENT.has(type) ? 'answer' : 'maybe', id };
}

import { compile } from '@parley/contracts';
import { up, type UpOpcode } from '@parley/dialects/chat/up';
import type { SeededRandom } from '@parley/testing';
import { mutateText, mutateValue, randomValue } from './mutations.js';

export interface ChatFuzzFrame {
  readonly data: string | Buffer;
  /** Bad input, which ends the connection; otherwise it has to live on. */
  readonly bad: boolean;
  /** It is a heartbeat, however strangely written, and has to be acknowledged. */
  readonly heartbeat: boolean;
  /** How it was made, for a failure's text. */
  readonly how: string;
}

type Fields = Readonly<Record<string, unknown>>;
type Build = (random: SeededRandom, userIds: readonly string[]) => Fields;

const valid: Readonly<Record<UpOpcode, Build>> = {
  HEARTBEAT: (random) => random.pick<Fields>([{}, { d: null }, { t: null, d: {} }, { d: { seq: 1 } }]),
  PRESENCE_UPDATE: (random) => ({ d: { status: random.pick(['online', 'idle', 'dnd', 'offline', 'away']) } }),
  VOICE_SIGNAL: (random, userIds) => ({
    d: {
      to_user_id: random.pick(userIds),
      ...random.pick<Fields>([
        { signal: randomValue(random, 4) },
        { signal: { type: 'offer', sdp: random.text(300) } },
        { type: 'candidate', candidate: randomValue(random, 2) },
      ]),
    },
  }),
  AUTH: (random) => ({ d: { token: random.text(random.int(1, 200)) } }),
};
const OPCODES: readonly UpOpcode[] = ['HEARTBEAT', 'PRESENCE_UPDATE', 'VOICE_SIGNAL', 'AUTH'];
const FOREIGN = ['DISPATCH', 'HEARTBEAT_ACK', 'IDENTIFY', 'heartbeat', '', '__proto__', 'toString'];

const checks = new Map<string, { is(value: unknown): boolean }>(
  Object.entries(up).map(([op, schema]) => [op, compile(schema)]),
);

/** Rare, since they are a thousand times as long as others. */
const OVERSIZED = 0.001;

function message(random: SeededRandom, userIds: readonly string[]): Fields {
  const op = random.pick(OPCODES);
  return {
    op,
    ...valid[op](random, userIds),
    ...(random.chance(0.2) ? { extra: randomValue(random, 2) } : {}),
  };
}

/** One frame of any kind; the same seed gives the same frames. */
export function chatFuzzFrame(random: SeededRandom, userIds: readonly string[]): ChatFuzzFrame {
  if (random.chance(OVERSIZED)) return textFrame(oversized(random, userIds), 'oversized');
  const kind = random.int(1, 100);
  if (kind <= 58) return textFrame(JSON.stringify(message(random, userIds)), 'valid');
  if (kind <= 76) {
    let value: unknown = message(random, userIds);
    for (let times = random.int(1, 3); times > 0; times--) value = mutateValue(value, random);
    return textFrame(JSON.stringify(value), 'mutated value');
  }
  if (kind <= 92) {
    let text = JSON.stringify(message(random, userIds));
    for (let times = random.int(1, 2); times > 0; times--) text = mutateText(text, random);
    return textFrame(text, 'mutated text');
  }
  if (kind <= 94) return textFrame(JSON.stringify({ op: random.pick(FOREIGN), d: randomValue(random, 3) }), 'foreign');
  if (kind <= 97) return textFrame(JSON.stringify(randomValue(random, 5)), 'random JSON');
  if (kind <= 98) return textFrame(random.text(random.int(0, 300)), 'random text');
  return { data: Buffer.from(random.bytes(random.int(0, 300))), bad: true, heartbeat: false, how: 'binary' };
}

/** Still within the limit of a frame. */
function oversized(random: SeededRandom, userIds: readonly string[]): string {
  const long = 'x'.repeat(950_000);
  return JSON.stringify(
    random.pick<Fields>([
      { op: 'VOICE_SIGNAL', d: { to_user_id: random.pick(userIds), signal: long } },
      { op: 'HEARTBEAT', d: { [long]: 1 } },
      { op: 'AUTH', d: { token: long } },
      { op: long },
    ]),
  );
}

function textFrame(data: string, how: string): ChatFuzzFrame {
  return { data, how, ...judge(data) };
}

/** What the schemas say of it, and the one rule that they don't have: a signal has to be there in one form or the other. */
function judge(text: string): { readonly bad: boolean; readonly heartbeat: boolean } {
  const bad = { bad: true, heartbeat: false };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return bad;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !('op' in value)) return bad;
  const { op } = value;
  if (typeof op !== 'string' || checks.get(op)?.is(value) !== true) return bad;
  if (op === 'VOICE_SIGNAL' && !hasSignal('d' in value ? value.d : undefined)) return bad;
  return { bad: false, heartbeat: op === 'HEARTBEAT' };
}

function hasSignal(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return false;
  return Object.hasOwn(data, 'signal') || ('type' in data && typeof data.type === 'string');
}

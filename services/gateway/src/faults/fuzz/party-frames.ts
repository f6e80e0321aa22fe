import { decode } from '@parley/dialects/party/decode';
import type { UpType } from '@parley/dialects/party/up';
import type { SeededRandom } from '@parley/testing';
import { mutateText, mutateValue, randomValue } from './mutations.js';

/** How a member that sends it is answered, beside what everybody is told. */
export type PartyAnswer = 'nothing' | 'an error' | 'a pong' | 'the end';

export interface PartyFuzzFrame {
  readonly data: string | Buffer;
  readonly answer: PartyAnswer;
  /** Counts towards the 20 that end a connection. */
  readonly bad: boolean;
  /** How it was made, for a failure's text. */
  readonly how: string;
}

type Fields = Readonly<Record<string, unknown>>;

const valid: Readonly<Record<UpType, (random: SeededRandom) => Fields>> = {
  join: (random) => ({
    sessionId: random.text(random.int(0, 40)),
    deviceInfo: { id: 'x', name: 'y', type: random.pick(['host', 'client']) },
  }),
  leave: (random) => ({ reason: random.text(20) }),
  heartbeat: () => ({}),
  ping: () => ({}),
  member_list: () => ({}),
  kick: (random) => ({ memberId: random.text(random.int(1, 40)) }),
  close_session: (random) => ({ reason: random.text(20) }),
  auth: (random) => ({ token: random.text(random.int(1, 200)) }),
};
const TYPES: readonly UpType[] = ['join', 'heartbeat', 'ping', 'member_list', 'kick', 'close_session', 'auth'];
/** To one who is in a session as a client and a guest. */
const answers: Readonly<Record<UpType, PartyAnswer>> = {
  join: 'an error',
  leave: 'the end',
  heartbeat: 'nothing',
  ping: 'a pong',
  member_list: 'nothing',
  kick: 'an error',
  close_session: 'an error',
  auth: 'an error',
};
const FOREIGN = ['welcome', 'kicked', 'session_closed', 'Ping', '', '__proto__', 'toString', 'WELCOME', 'DANCE'];

function message(random: SeededRandom): Fields {
  const type = random.chance(0.02) ? 'leave' : random.pick(TYPES);
  const fields = valid[type](random);
  const timestamp = random.pick([0, 1, -1, 0.5, 2 ** 53, Date.now()]);
  const extra = random.chance(0.2) ? { extra: randomValue(random, 2) } : {};
  // As the original app writes it, every fourth time.
  if (random.chance(0.25)) return { type: type.toUpperCase(), timestamp, payload: { ...fields, ...extra } };
  return { type, timestamp, ...fields, ...extra };
}

/** One frame of any kind; the same seed gives the same frames. */
export function partyFuzzFrame(random: SeededRandom): PartyFuzzFrame {
  const kind = random.int(1, 1_000);
  if (kind === 1) return textFrame(oversized(random), 'oversized');
  if (kind <= 500) return textFrame(JSON.stringify(message(random)), 'valid');
  if (kind <= 740) {
    let value: unknown = message(random);
    for (let times = random.int(1, 3); times > 0; times--) value = mutateValue(value, random);
    return textFrame(JSON.stringify(value), 'mutated value');
  }
  if (kind <= 920) {
    let text = JSON.stringify(message(random));
    for (let times = random.int(1, 2); times > 0; times--) text = mutateText(text, random);
    return textFrame(text, 'mutated text');
  }
  if (kind <= 940) return textFrame(JSON.stringify({ type: random.pick(FOREIGN), timestamp: 1 }), 'foreign');
  if (kind <= 970) return textFrame(JSON.stringify(randomValue(random, 5)), 'random JSON');
  if (kind <= 985) return textFrame(random.text(random.int(0, 300)), 'random text');
  return { data: Buffer.from(random.bytes(random.int(0, 300))), answer: 'an error', bad: true, how: 'binary' };
}

/** Still within the limit of a frame. */
function oversized(random: SeededRandom): string {
  const long = 'x'.repeat(950_000);
  return JSON.stringify(
    random.pick<Fields>([
      { type: 'kick', timestamp: 1, memberId: long },
      { type: 'heartbeat', timestamp: 1, [long]: 1 },
      { type: 'auth', timestamp: 1, token: long },
      { type: long },
    ]),
  );
}

/** Judged by the dialect's own decoder, which has tests of its own: here it is the server that is tried. */
function textFrame(data: string, how: string): PartyFuzzFrame {
  const decoded = decode({ data: Buffer.from(data), binary: false });
  if (decoded.kind === 'malformed') return { data, answer: 'an error', bad: true, how };
  return { data, answer: answers[decoded.message.type], bad: false, how };
}

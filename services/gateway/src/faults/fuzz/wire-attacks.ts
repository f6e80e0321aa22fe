import type { SeededRandom } from '@parley/testing';
import { maskedFrame, frameHeader } from './wire-frame.js';

/** Something that the WebSocket protocol forbids, or allows and nobody does. */
export interface WireAttack {
  readonly name: string;
  /** Close codes that it may be answered with; none: the connection has to live on. */
  readonly codes: readonly number[];
  bytes(random: SeededRandom): Buffer;
}

const TEXT = 1;
const BINARY = 2;
const CONTINUATION = 0;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const PROTOCOL_ERROR = [1002];
const BAD_TEXT = [1007];
const TOO_LARGE = [1009];

const message = (random: SeededRandom): Buffer =>
  Buffer.from(JSON.stringify({ type: 'Ping', data: { timestamp: random.int(1, 1_000_000) } }));

export const wireAttacks: readonly WireAttack[] = [
  attack('reserved bits', PROTOCOL_ERROR, (random) =>
    maskedFrame({ opcode: TEXT, reserved: random.int(1, 7), payload: message(random) }),
  ),
  attack('unknown opcode', PROTOCOL_ERROR, (random) =>
    maskedFrame({ opcode: random.pick([3, 4, 5, 6, 7, 11, 12, 13, 14, 15]), payload: message(random) }),
  ),
  attack('no mask', PROTOCOL_ERROR, (random) => {
    const payload = message(random);
    return Buffer.concat([frameHeader({ opcode: TEXT, length: payload.length, masked: false }), payload]);
  }),
  attack('continuation of nothing', PROTOCOL_ERROR, (random) =>
    maskedFrame({ opcode: CONTINUATION, payload: message(random) }),
  ),
  attack('a message within a message', PROTOCOL_ERROR, (random) =>
    Buffer.concat([
      maskedFrame({ opcode: TEXT, last: false, payload: message(random) }),
      maskedFrame({ opcode: random.pick([TEXT, BINARY]), payload: message(random) }),
    ]),
  ),
  attack('fragmented control frame', PROTOCOL_ERROR, (random) =>
    maskedFrame({ opcode: random.pick([CLOSE, PING, PONG]), last: false, payload: Buffer.alloc(4) }),
  ),
  attack('long control frame', PROTOCOL_ERROR, (random) =>
    maskedFrame({ opcode: random.pick([PING, PONG]), payload: Buffer.from(random.bytes(random.int(126, 2_000))) }),
  ),
  attack('close with half a code', PROTOCOL_ERROR, () => maskedFrame({ opcode: CLOSE, payload: Buffer.alloc(1) })),
  attack('close with a code that does not exist', PROTOCOL_ERROR, (random) => {
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(random.pick([0, 999, 1004, 1005, 1006, 1015, 2_000, 5_000, 65_535]));
    return maskedFrame({ opcode: CLOSE, payload });
  }),
  attack('invalid UTF-8', BAD_TEXT, (random) =>
    maskedFrame({
      opcode: TEXT,
      payload: Buffer.concat([
        Buffer.from('{"type":"'),
        random
          .pick([[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x82]])
          .reduce((bytes, byte) => Buffer.concat([bytes, Buffer.from([byte])]), Buffer.alloc(0)),
        Buffer.from('"}'),
      ]),
    }),
  ),
  attack('invalid UTF-8 in fragments', BAD_TEXT, () =>
    Buffer.concat([
      maskedFrame({ opcode: TEXT, last: false, payload: Buffer.from([0x22, 0xe2, 0x82]) }),
      maskedFrame({ opcode: CONTINUATION, payload: Buffer.from([0x22]) }),
    ]),
  ),
  attack('giant length', TOO_LARGE, (random) =>
    frameHeader({
      opcode: TEXT,
      length: random.pick([1_048_577, 2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER]),
      masked: true,
    }),
  ),
  attack('a length beyond all numbers', [1002, 1009], () =>
    Buffer.concat([Buffer.from([0x81, 0xff]), Buffer.alloc(8, 0xff), Buffer.alloc(4)]),
  ),
  attack('fragments that grow without end', TOO_LARGE, () =>
    Buffer.concat([
      maskedFrame({ opcode: TEXT, last: false, payload: Buffer.alloc(600_000, 0x20) }),
      maskedFrame({ opcode: CONTINUATION, last: false, payload: Buffer.alloc(600_000, 0x20) }),
    ]),
  ),
  attack('empty fragments', [], () =>
    Buffer.concat([
      maskedFrame({ opcode: TEXT, last: false, payload: Buffer.alloc(0) }),
      ...Array.from({ length: 50 }, () => maskedFrame({ opcode: CONTINUATION, last: false, payload: Buffer.alloc(0) })),
      maskedFrame({ opcode: CONTINUATION, payload: Buffer.from('{"type":"Pong","data":1}') }),
    ]),
  ),
  attack('a ping between fragments', [], (random) =>
    Buffer.concat([
      maskedFrame({ opcode: TEXT, last: false, payload: Buffer.from('{"type":') }),
      maskedFrame({ opcode: PING, payload: Buffer.from(random.bytes(random.int(0, 125))) }),
      maskedFrame({ opcode: CONTINUATION, payload: Buffer.from('"Pong","data":1}') }),
    ]),
  ),
  attack('lengths longer than needed', [], () =>
    Buffer.concat([
      Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0, 0, 24, 0, 0, 0, 0]),
      Buffer.from('{"type":"Pong","data":1}'),
    ]),
  ),
  attack('a flood of pings', [], (random) =>
    Buffer.concat(
      Array.from({ length: 100 }, () => maskedFrame({ opcode: PING, payload: Buffer.from(random.bytes(8)) })),
    ),
  ),
];

function attack(name: string, codes: readonly number[], bytes: (random: SeededRandom) => Buffer): WireAttack {
  return { name, codes, bytes };
}

import { randomUUID } from 'node:crypto';
import { FrameReader } from '../clients/frame-reader.js';
import { maskedText } from '../clients/frames.js';
import { Pace } from '../clients/pace.js';
import { RawSocket } from '../clients/raw-socket.js';
import { answerCommands, numberOf, stringOf, stringsOf, type Fields } from '../harness/rig-child.js';
import type { Values } from '../harness/rig.js';
import { Moves } from './moves.js';

/**
 * People in one room whose cursors move all the time, in one process, so that one clock times both ends. X is the number of a
 * move and Y that of who made it, whichever way they travel.
 */
const CURSOR_BYTES = 18;
const CURSOR_TYPE = 1;
const [X_AT, Y_AT] = [6, 10];
const JSON_MARK = Buffer.from('"cursor":{"x":');
const JSON_Y = Buffer.from(',"y":');
const BRACE = '{'.charCodeAt(0);
const [ZERO, NINE] = [0x30, 0x39];
const BINARY_FRAME = 0x82;
const NO_MASK = 0;
const JOIN_MS = 20_000;
/** After the last move, for those that are still on their way. */
const SETTLE_MS = 1_000;

let moves: Moves | undefined;
let [cursors, cursorBytes, others] = [0, 0, 0];

interface Person {
  readonly raw: RawSocket;
  move(number: number): void;
}

async function enter(port: number, token: string, index: number, fields: Fields): Promise<Person> {
  const raw = await RawSocket.open({ port, path: '/ws/collab', token, ready: 1 }, () => undefined);
  const roomId = stringOf(fields, 'roomId');
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error('a room was not joined in time'));
    }, JOIN_MS);
    const reader = new FrameReader((data, start, end) => {
      if (heard(data, start, end)) return;
      const text = data.toString('utf8', start, end);
      if (text.includes('"type":"error"')) reject(new Error(text));
      if (!text.includes('"type":"room_joined"')) return;
      clearTimeout(timer);
      resolve();
    });
    raw.listener = (chunk) => {
      reader.take(chunk);
    };
    raw.socket.write(message('join_room', `{"roomId":"${roomId}"}`));
  });
  const write = numberOf(fields, 'binary') === 1 ? binaryMove : jsonMove;
  return { raw, move: (number) => raw.socket.write(write(number, index)) };
}

/** False when it was something else than a cursor. */
function heard(data: Buffer, start: number, end: number): boolean {
  if (data[start] === BRACE) return heardJson(data, start, end);
  if (end - start !== CURSOR_BYTES || data.readUInt16BE(start) !== CURSOR_TYPE) return false;
  arrived(data.readFloatBE(start + X_AT), data.readFloatBE(start + Y_AT), end - start + 2);
  return true;
}

function heardJson(data: Buffer, start: number, end: number): boolean {
  const mark = data.indexOf(JSON_MARK, start);
  if (mark < 0 || mark > end) {
    others += 1;
    return false;
  }
  const x = numberAt(data, mark + JSON_MARK.length);
  const y = numberAt(data, data.indexOf(JSON_Y, mark) + JSON_Y.length);
  arrived(x, y, end - start + 4);
  return true;
}

function numberAt(data: Buffer, from: number): number {
  let value = 0;
  for (let at = from; ; at++) {
    const digit = data[at] ?? 0;
    if (digit < ZERO || digit > NINE) return value;
    value = value * 10 + digit - ZERO;
  }
}

function arrived(number: number, person: number, bytes: number): void {
  cursors += 1;
  cursorBytes += bytes;
  moves?.arrived(person, number);
}

function binaryMove(number: number, person: number): Buffer {
  const frame = Buffer.alloc(6 + CURSOR_BYTES, NO_MASK);
  frame[0] = BINARY_FRAME;
  frame[1] = 0x80 | CURSOR_BYTES;
  frame.writeUInt16BE(CURSOR_TYPE, 6);
  frame.writeFloatBE(number, 6 + X_AT);
  frame.writeFloatBE(person, 6 + Y_AT);
  frame.writeUInt32BE(number, 6 + Y_AT + 4);
  return frame;
}

function jsonMove(number: number, person: number): Buffer {
  const place = `"x":${number},"y":${person},"viewportX":0,"viewportY":0`;
  return message('cursor_move', `{${place},"timestamp":${Date.now()}}`);
}

function message(type: string, payload: string): Buffer {
  const head = `{"id":"${randomUUID()}","type":"${type}","version":1,"timestamp":${Date.now()}`;
  return maskedText(`${head},"payload":${payload}}`);
}

let people: Person[] = [];

answerCommands({
  enter: async (fields) => {
    const ports = Array.isArray(fields['ports']) ? fields['ports'].map(Number) : [];
    for (const [index, token] of stringsOf(fields, 'tokens').entries()) {
      people.push(await enter(ports[index % ports.length] ?? 0, token, index, fields));
    }
    return { others };
  },
  /** Everyone `rate` times a second, by turns, for `seconds`. */
  run: async (fields): Promise<Values> => {
    const all = people;
    const current = new Moves(all.length);
    moves = current;
    [cursors, cursorBytes] = [0, 0];
    let made = 0;
    const pace = new Pace(numberOf(fields, 'rate') * all.length, () => {
      const person = made++ % all.length;
      all[person]?.move(current.made(person));
    });
    const startedAt = performance.now();
    await pace.run(numberOf(fields, 'seconds') * 1_000);
    const seconds = (performance.now() - startedAt) / 1_000;
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    moves = undefined;
    return { ...current.figures(), perSecond: cursors / seconds, bytes: cursorBytes / cursors };
  },
  leave: async () => {
    const left = people.map(({ raw }) => new Promise((resolve) => raw.socket.once('close', resolve)));
    for (const { raw } of people) raw.socket.destroy();
    people = [];
    await Promise.all(left);
    return {};
  },
});

import { compile, MessageId } from '@parley/contracts';
import { randomBytes, randomInt } from 'node:crypto';

const check = compile(MessageId);
const MAX_COUNT = 0xfff;
/** A fresh millisecond starts in the lower half, so that many can follow within it. */
const FIRST_COUNT = 0x800;

/**
 * A UUIDv7 that is greater than `previous` whatever the clock says: within the same millisecond, or while the clock is
 * behind, the 12 bits after the time count up, and then the time itself.
 */
export function messageIdAfter(previous: MessageId | undefined, now: number): MessageId {
  if (previous === undefined || now > timeOf(previous)) return idOf(now, randomInt(FIRST_COUNT));
  const count = parseInt(previous.slice(15, 18), 16) + 1;
  return count > MAX_COUNT ? idOf(timeOf(previous) + 1, 0) : idOf(timeOf(previous), count);
}

/** Milliseconds since 1970. */
export function timeOf(id: MessageId): number {
  return parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

function idOf(time: number, count: number): MessageId {
  const head = time.toString(16).padStart(12, '0');
  const random = randomBytes(8);
  random.writeUInt8((random.readUInt8() & 0x3f) | 0x80);
  const tail = random.toString('hex');
  const id = `${head.slice(0, 8)}-${head.slice(8)}-7${count.toString(16).padStart(3, '0')}-${tail.slice(0, 4)}-${tail.slice(4)}`;
  if (!check.is(id)) throw new Error(`no message id can be made of the time ${String(time)}`);
  return id;
}

import type { Entry } from './room-document.js';

const MAX_BYTES = 512 * 1_024;
const MAX_OPERATIONS = 500;

/** An event's head for one operation, and what transforming may add to it, about. */
const HEAD_BYTES = 16 * 1_024;

/** Throws when the largest operation that is accepted could not be announced: `most` bytes are what the bus takes. */
export function requireRoomForEvents(operationMaxBytes: number, most: number): void {
  const fits = most - HEAD_BYTES;
  if (operationMaxBytes <= fits) return;
  throw new Error(
    `PARLEY_ROOMS_OPERATION_MAX_BYTES is ${String(operationMaxBytes)}, but with the max_payload of this nats-server ` +
      `it can be ${String(fits)} at most`,
  );
}

/** Cuts operations of a room into events: as many as fit into one, at least one each. */
export function cutIntoEvents(entries: readonly Entry[]): Entry[][] {
  const events: Entry[][] = [];
  let current: Entry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const length = Buffer.byteLength(entry.text);
    if (current.length > 0 && (bytes + length > MAX_BYTES || current.length === MAX_OPERATIONS)) {
      events.push(current);
      current = [];
      bytes = 0;
    }
    current.push(entry);
    bytes += length;
  }
  if (current.length > 0) events.push(current);
  return events;
}

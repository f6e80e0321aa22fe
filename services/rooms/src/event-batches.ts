import type { Entry } from './room-document.js';

const MAX_BYTES = 512 * 1_024;
const MAX_OPERATIONS = 500;

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

import { operationsAfter, type StoredEntry } from './operation.repository.js';
import type { Entry } from './room-document.js';
import type { Room } from './room.js';
import type { Sql } from './rooms.tables.js';

/** More than one event can hold, so that a page has at least one whole event. */
const PAGE = 1_000;

/**
 * Announces what the log has beyond what was: of the owner before, or of a commit of ours whose outcome was not known.
 * In the same events as they did, so that what the bus has already is only confirmed. The log is asked, not the mark in the
 * room's row: the mark only finds rooms that nobody opens.
 */
export async function announceLeftovers(sql: Sql, room: Room): Promise<void> {
  for (;;) {
    const page = await operationsAfter(sql, room.id, room.events.enqueued, PAGE);
    const complete = page.length < PAGE;
    const events = byEvent(page);
    // The last may go on behind the page.
    for (const event of complete ? events : events.slice(0, -1)) room.events.announce(event);
    if (complete) return;
  }
}

function byEvent(stored: readonly StoredEntry[]): Entry[][] {
  const events = new Map<number, Entry[]>();
  for (const { entry, batchVersion } of stored) {
    const event = events.get(batchVersion);
    if (event === undefined) events.set(batchVersion, [entry]);
    else event.push(entry);
  }
  return [...events.values()];
}

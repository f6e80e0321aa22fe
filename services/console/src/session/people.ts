import { useEffect, useSyncExternalStore } from 'react';
import type { ConsoleSession } from './console-session.js';
import { isRecord } from './json.js';
import { Store } from './store.js';

export interface PersonFound {
  readonly id: string;
  readonly username: string;
}

function isPerson(value: unknown): value is PersonFound {
  return isRecord(value) && typeof value['id'] === 'string' && typeof value['username'] === 'string';
}

/** By username or by id. Rejects with `not_found`. */
export function findPerson(session: ConsoleSession, key: string): Promise<PersonFound> {
  return session.rest('GET', `/users/${encodeURIComponent(key)}`, isPerson);
}

type Names = Store<ReadonlyMap<string, string>>;

const known = new WeakMap<ConsoleSession, Names>();
/** Asked for, whatever came of it. */
const asked = new WeakMap<ConsoleSession, Set<string>>();

function namesOf(session: ConsoleSession): Names {
  const names =
    known.get(session) ?? new Store<ReadonlyMap<string, string>>(new Map([[session.user.id, session.user.username]]));
  known.set(session, names);
  return names;
}

async function learn(session: ConsoleSession, id: string): Promise<void> {
  const waiting = asked.get(session) ?? new Set<string>();
  asked.set(session, waiting);
  if (waiting.has(id)) return;
  waiting.add(id);
  try {
    const { username } = await findPerson(session, id);
    const names = namesOf(session);
    names.set(new Map([...names.get(), [id, username]]));
  } catch {
    // The id is shown as it is; whoever shows it next asks again.
    waiting.delete(id);
  }
}

/** What a user is called; the beginning of the id until that is known. */
export function usePersonName(session: ConsoleSession, id: string): string {
  const names = namesOf(session);
  const name = useSyncExternalStore(names.subscribe, () => names.get().get(id));
  useEffect(() => {
    if (name === undefined) void learn(session, id);
  }, [session, id, name]);
  return name ?? shortId(id);
}

/** Ids made in the same hour begin alike: it is the end that tells them apart. */
export function shortId(id: string): string {
  return id.length > 12 ? `…${id.slice(-8)}` : id;
}

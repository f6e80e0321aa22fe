import { useSyncExternalStore } from 'react';

/** Where the person is: the first part of `#/document/abc` names the room, the others are the room's own. */
export interface Route {
  readonly place: string;
  readonly rest: readonly string[];
}

export function routeOf(hash: string): Route {
  const [place = '', ...rest] = hash.replace(/^#\/?/, '').split('/').map(decoded);
  return { place, rest: rest.filter((part) => part !== '') };
}

export function hashOf(place: string, ...rest: readonly string[]): string {
  return `#/${[place, ...rest].map(encodeURIComponent).join('/')}`;
}

/** Another place; `replace` leaves no step behind that the back button would return to. */
export function go(place: string, rest: readonly string[] = [], { replace = false } = {}): void {
  const hash = hashOf(place, ...rest);
  if (!replace) {
    location.hash = hash;
    return;
  }
  history.replaceState(null, '', hash);
  globalThis.dispatchEvent(new HashChangeEvent('hashchange'));
}

export function useRoute(): Route {
  return routeOf(useSyncExternalStore(subscribe, () => location.hash));
}

function subscribe(changed: () => void): () => void {
  globalThis.addEventListener('hashchange', changed);
  return () => globalThis.removeEventListener('hashchange', changed);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

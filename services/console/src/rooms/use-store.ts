import { useSyncExternalStore } from 'react';
import type { Store } from '../session/store.js';

/** What is in it now; renders again when that changes. */
export function useStore<T>(store: Pick<Store<T>, 'get' | 'subscribe'>): T {
  return useSyncExternalStore(store.subscribe, store.get);
}

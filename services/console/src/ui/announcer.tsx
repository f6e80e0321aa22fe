import { useSyncExternalStore, type ReactNode } from 'react';
import { Store } from '../session/store.js';

const said = new Store<{ readonly text: string; readonly count: number }>({ text: '', count: 0 });

/** Reads a short text out to who uses a screen reader: a message that came, an action that was done. */
export function announce(text: string): void {
  said.set({ text, count: said.get().count + 1 });
}

/** Once in the page, always there: a live region that is added with its text is not read out. */
export function Announcer(): ReactNode {
  const { text, count } = useSyncExternalStore(said.subscribe, said.get);
  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      {/* The same text twice is news too. */}
      <span key={count}>{text}</span>
    </div>
  );
}

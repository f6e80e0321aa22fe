import { useEffect } from 'react';

/**
 * What has not arrived is gone with the room. The browser asks before a window with such changes closes; before another room is entered,
 * this does, when they can't arrive now.
 */
export function useUnsentWarning(pending: number, waiting: number): void {
  useEffect(() => {
    if (pending === 0) return;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    globalThis.addEventListener('beforeunload', warn);
    return () => globalThis.removeEventListener('beforeunload', warn);
  }, [pending]);
  useEffect(() => {
    if (waiting === 0) return;
    const ask = (event: MouseEvent): void => {
      const leaves = event.target instanceof Element && event.target.closest('a[href^="#/"], [data-leaves]') !== null;
      if (!leaves || globalThis.confirm(question(waiting))) return;
      event.preventDefault();
      event.stopPropagation();
    };
    // Before whoever would go there hears of it.
    document.addEventListener('click', ask, { capture: true });
    return () => document.removeEventListener('click', ask, { capture: true });
  }, [waiting]);
}

function question(waiting: number): string {
  const changes = waiting === 1 ? 'A change waits' : `${String(waiting)} changes wait`;
  return `${changes} for the connection, and would be lost. Leave the document?`;
}

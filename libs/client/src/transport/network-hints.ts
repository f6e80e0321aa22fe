export interface NetworkHints {
  /** The network is said to be there (again), or the page was woken up. */
  back(): void;
  /** The network is said to be gone. Not always true. */
  gone(): void;
}

/** What browsers know about the network; nothing on other platforms. Returns how to stop listening. */
export function watchNetwork(hints: NetworkHints): () => void {
  if (typeof globalThis.addEventListener !== 'function') return () => undefined;
  const back = (): void => hints.back();
  const gone = (): void => hints.gone();
  // Timers sleep in hidden pages and frozen laptops, so waking up is a reason to look.
  const shown = (): void => {
    if (globalThis.document.visibilityState === 'visible') hints.back();
  };
  globalThis.addEventListener('online', back);
  globalThis.addEventListener('offline', gone);
  const page = typeof globalThis.document === 'object' ? globalThis.document : undefined;
  page?.addEventListener('visibilitychange', shown);
  return () => {
    globalThis.removeEventListener('online', back);
    globalThis.removeEventListener('offline', gone);
    page?.removeEventListener('visibilitychange', shown);
  };
}

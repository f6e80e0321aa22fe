/** Events by name, each with the arguments of its handlers. */
export type Events<E> = { readonly [K in keyof E]: readonly unknown[] };
export type Handler<A extends readonly unknown[]> = (...args: A) => void;

/** Typed events: a name that does not exist, or a handler that does not fit, fails to compile. */
export class Emitter<E extends Events<E>> {
  private readonly handlers: { [K in keyof E]?: Set<Handler<E[K]>> } = {};

  /** The same handler twice counts once. Returns how to stop listening. */
  on<K extends keyof E>(event: K, handler: Handler<E[K]>): () => void {
    const set = (this.handlers[event] ??= new Set<Handler<E[K]>>());
    set.add(handler);
    return () => this.off(event, handler);
  }

  off<K extends keyof E>(event: K, handler: Handler<E[K]>): void {
    this.handlers[event]?.delete(handler);
  }

  emit<K extends keyof E>(event: K, ...args: E[K]): void {
    const set = this.handlers[event];
    if (set === undefined) return;
    // A copy: handlers come and go while others are being told.
    for (const handler of [...set]) callSafely(() => handler(...args));
  }
}

/** A handler's fault must not stop the others or the connection; it surfaces where the platform reports such things. */
export function callSafely(run: () => void): void {
  try {
    run();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

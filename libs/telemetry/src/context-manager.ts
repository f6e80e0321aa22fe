import { ROOT_CONTEXT, trace, type Context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';

/**
 * Carries the active span along with asynchronous work, and only while there is some that belongs to a trace: until Node
 * 24 carrying costs every promise of the process two to three times what it costs otherwise, also those of all the work
 * that is of no trace. What is not recorded makes no context at all, so most of the time there is nothing to carry.
 */
export class OccasionalContextManager extends AsyncLocalStorageContextManager {
  private readonly holds = new Set<() => void>();

  /** Contexts are carried from now until the returned function is called. */
  hold(): () => void {
    const release = (): void => {
      if (this.holds.delete(release) && this.holds.size === 0) super.disable();
    };
    this.holds.add(release);
    return release;
  }

  override active(): Context {
    return this.holds.size === 0 ? ROOT_CONTEXT : super.active();
  }

  /** Carried until `fn` has returned, or until what it promised is settled. Whoever goes on after that has kept its trace. */
  override with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    // Without a span there is nothing to carry, but a trace that is carried has to end here.
    if (this.holds.size === 0 && trace.getSpanContext(context) === undefined) return fn.apply(thisArg, args);
    const release = this.hold();
    let result: ReturnType<F>;
    try {
      result = super.with(context, fn, thisArg, ...args);
    } catch (error) {
      release();
      throw error;
    }
    if (result instanceof Promise) result.then(release, release);
    else release();
    return result;
  }

  override disable(): this {
    this.holds.clear();
    return super.disable();
  }
}

/** That of this process: the API takes one at a time. */
export const contextManager = new OccasionalContextManager();

import type { OperationalType } from './document-type.js';

/**
 * What would undo a user's own changes, newest last. An entry fits the content as it is once all entries after it have been
 * undone, so a change by someone else is transformed past them on its way down.
 */
export class UndoHistory<C, O> {
  private undos: O[] = [];
  private redos: O[] = [];

  constructor(
    private readonly type: Pick<OperationalType<C, O>, 'transform' | 'compose' | 'isNoop'>,
    private readonly limit: number,
  ) {}

  get canUndo(): boolean {
    return this.undos.length > 0;
  }

  get canRedo(): boolean {
    return this.redos.length > 0;
  }

  /** A change of the user's own; `merge`: undone together with the one before. */
  record(inverse: O, merge: boolean): void {
    this.redos = [];
    const last = merge ? this.undos.pop() : undefined;
    this.push(this.undos, last === undefined ? inverse : this.type.compose(inverse, last));
  }

  /** The next undo that still does something; what it undoes is said with `undone`. */
  takeUndo(): O | undefined {
    return this.take(this.undos);
  }

  takeRedo(): O | undefined {
    return this.take(this.redos);
  }

  undone(inverse: O): void {
    this.push(this.redos, inverse);
  }

  redone(inverse: O): void {
    this.push(this.undos, inverse);
  }

  /** Somebody else's change of the content. What cannot be transformed can no longer be undone. */
  pass(change: O): void {
    this.undos = this.transformed(this.undos, change);
    this.redos = this.transformed(this.redos, change);
  }

  clear(): void {
    this.undos = [];
    this.redos = [];
  }

  private push(stack: O[], operation: O): void {
    if (this.type.isNoop(operation)) return;
    stack.push(operation);
    if (stack.length > this.limit) stack.shift();
  }

  private take(stack: O[]): O | undefined {
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) if (!this.type.isNoop(top)) return top;
    return undefined;
  }

  private transformed(stack: readonly O[], change: O): O[] {
    const kept: O[] = [];
    let passing = change;
    try {
      for (const entry of stack.toReversed()) {
        const next = this.type.transform(entry, passing, 'right');
        passing = this.type.transform(passing, entry, 'left');
        if (!this.type.isNoop(next)) kept.push(next);
      }
    } catch {
      // The entries above are still good, those below were to be reached through this one.
    }
    return kept.reverse();
  }
}

import type { OperationalType } from './document-type.js';

export interface PendingOperation<O> {
  readonly id: string;
  readonly operation: O;
  /** As JSON, at most. */
  readonly bytes: number;
}

/** What one operation may grow to by others joining it, so that what was made offline stays acceptable to the server. */
const MAX_JOINED_BYTES = 16 * 1_024;

/** A user's own operations in order; each is made on what the one before leaves. The first may be in flight. */
export class PendingOperations<C, O> {
  private operations: readonly PendingOperation<O>[] = [];
  private sent = false;

  constructor(private readonly type: OperationalType<C, O>) {}

  get length(): number {
    return this.operations.length;
  }

  get all(): readonly PendingOperation<O>[] {
    return this.operations;
  }

  get inFlight(): PendingOperation<O> | undefined {
    return this.sent ? this.operations[0] : undefined;
  }

  /** Answers the id that the operation goes under. Throws, and has changed nothing, when it cannot be joined. */
  add(operation: O, id: string): string {
    const bytes = JSON.stringify(this.type.operationToJson(operation)).length;
    const last = this.operations.at(-1);
    if (last === undefined || this.isInFlight(last) || last.bytes + bytes > MAX_JOINED_BYTES) {
      this.operations = [...this.operations, { id, operation, bytes }];
      return id;
    }
    const joined = { ...last, operation: this.type.compose(last.operation, operation), bytes: last.bytes + bytes };
    this.operations = this.operations.with(-1, joined);
    return last.id;
  }

  /** The first is on its way from now on; false when there is none. */
  send(): boolean {
    this.sent = this.operations.length > 0;
    return this.sent;
  }

  /** The first is done with. */
  shift(): void {
    this.operations = this.operations.slice(1);
    this.sent = false;
  }

  /** What is pending once `change` has come before it, and what `change` is after all that is pending. */
  past(change: O): { readonly pending: readonly PendingOperation<O>[]; readonly change: O } {
    return this.transformed(this.operations, change);
  }

  /** The same for taking back the first, which was made on `before`. */
  withoutFirst(before: C): { readonly pending: readonly PendingOperation<O>[]; readonly change: O } {
    const [first, ...rest] = this.operations;
    if (first === undefined) throw new Error('nothing is pending');
    return this.transformed(rest, this.type.invert(first.operation, before));
  }

  /** With what `past` gave, or, when the first has gone, `withoutFirst`. */
  replace(pending: readonly PendingOperation<O>[]): void {
    if (pending[0]?.id !== this.operations[0]?.id) this.sent = false;
    this.operations = pending;
  }

  private transformed(
    operations: readonly PendingOperation<O>[],
    change: O,
  ): { readonly pending: readonly PendingOperation<O>[]; readonly change: O } {
    let passing = change;
    const pending = operations.map((own) => {
      const operation = this.type.transform(own.operation, passing, 'right');
      passing = this.type.transform(passing, own.operation, 'left');
      return { ...own, operation };
    });
    return { pending, change: passing };
  }

  private isInFlight(operation: PendingOperation<O>): boolean {
    return this.sent && operation === this.operations[0];
  }
}

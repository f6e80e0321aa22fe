/** One operation of a document as it was applied. `T` is what the caller keeps beside it, such as its id and author. */
export interface LogEntry<T> {
  readonly baseVersion: number;
  /** The version that the document became with it. */
  readonly version: number;
  /** The transformed operation as JSON text. */
  readonly text: string;
  readonly tag: T;
}

export interface LogLimits {
  readonly maxLogOperations: number;
  /** Of the operations as JSON text. */
  readonly maxLogBytes: number;
}

/** The newest operations of a document without a gap, bounded by their number and their bytes. */
export class OperationLog<O, T> {
  private operations: O[] = [];
  private entries: LogEntry<T>[] = [];
  /** Entries before this index are given up; they go when they are half of all, so that one costs nothing to drop. */
  private first = 0;
  private textBytes = 0;
  private dropped = 0;

  /** `start`: the version that the first operation will be made on. */
  constructor(
    private readonly start: number,
    private readonly limits: LogLimits,
  ) {}

  /** The oldest version after which everything is kept. */
  get from(): number {
    return this.start + this.dropped;
  }

  get version(): number {
    return this.from + this.entries.length - this.first;
  }

  /** Of the operations as JSON text, about. */
  get bytes(): number {
    return this.textBytes;
  }

  append(operation: O, entry: LogEntry<T>): void {
    this.operations.push(operation);
    this.entries.push(entry);
    this.textBytes += entry.text.length;
    while (this.isOver()) this.dropOldest();
    if (this.first > this.entries.length / 2) {
      this.operations = this.operations.slice(this.first);
      this.entries = this.entries.slice(this.first);
      this.first = 0;
    }
  }

  /** The caller has made sure that they are kept. */
  operationsSince(version: number): readonly O[] {
    return this.operations.slice(this.first + version - this.from);
  }

  entriesSince(version: number): readonly LogEntry<T>[] | undefined {
    return version < this.from ? undefined : this.entries.slice(this.first + version - this.from);
  }

  private isOver(): boolean {
    const count = this.entries.length - this.first;
    return count > 0 && (count > this.limits.maxLogOperations || this.textBytes > this.limits.maxLogBytes);
  }

  private dropOldest(): void {
    this.textBytes -= this.entries[this.first]?.text.length ?? 0;
    this.first += 1;
    this.dropped += 1;
  }
}

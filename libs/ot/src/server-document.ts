import { fail, ok, type Outcome } from '@parley/contracts';
import type { OperationalType } from './document-type.js';
import { OperationLog, type LogEntry, type LogLimits } from './operation-log.js';

export type { LogEntry, LogLimits } from './operation-log.js';

export interface ServerDocumentLimits extends LogLimits {
  /** Bytes of the content as JSON. */
  readonly maxContentBytes: number;
  /** Parts of an operation and of each that it has to pass, all together: what one submission may cost. */
  readonly maxTransformWork: number;
}

export const defaultServerDocumentLimits: ServerDocumentLimits = {
  maxLogOperations: 2_000,
  maxLogBytes: 4 * 2 ** 20,
  maxContentBytes: 16 * 2 ** 20,
  maxTransformWork: 250_000,
};

/** What a document is made of again after its owner has changed. */
export interface StoredDocument<T> {
  /** JSON. */
  readonly content: unknown;
  /** That the content is of. */
  readonly version: number;
  /**
   * Operations in order without a gap. Those up to `version` are only kept for what was made on older versions; those
   * after it are applied.
   */
  readonly log: readonly LogEntry<T>[];
}

export type Staged<T> =
  | { readonly result: 'staged'; readonly entry: LogEntry<T> }
  /** `behind`: older than what is kept, or so far back that transforming it costs too much. */
  | { readonly result: 'version_mismatch'; readonly reason: 'ahead' | 'behind'; readonly currentVersion: number }
  | { readonly result: 'invalid'; readonly message: string; readonly field?: string }
  /** The document would be longer than it may be. */
  | { readonly result: 'too_large' };

/**
 * The order of a document's operations. What is staged counts for the operations staged after it, but is no version yet
 * for anyone else: `commit` makes it one once it is durable, `rollback` forgets it.
 */
export interface ServerDocument<T> {
  readonly type: string;
  /** Committed. */
  readonly version: number;
  readonly stagedVersion: number;
  /** The oldest version that an operation may have been made on. */
  readonly oldestVersion: number;
  /** Of the committed content as JSON, about. */
  readonly bytes: number;
  /** Of the operations that are kept as JSON, about. */
  readonly logBytes: number;
  /** The committed content as JSON. */
  content(): unknown;
  /** Looking for repetitions by id is up to the caller. Of a refused operation nothing remains. */
  stage(operation: unknown, baseVersion: number, tag: T): Staged<T>;
  /** Up to `version`, which is all that is staged if it is left out. */
  commit(version?: number): void;
  rollback(): void;
  /** Committed operations after `version`; undefined when they are not all kept or `version` is ahead. */
  operationsSince(version: number): readonly LogEntry<T>[] | undefined;
}

export function openServerDocument<C, O, T>(
  type: OperationalType<C, O>,
  stored: StoredDocument<T>,
  limits: ServerDocumentLimits = defaultServerDocumentLimits,
): Outcome<ServerDocument<T>, 'invalid'> {
  const content = type.parseContent(stored.content);
  if (!content.ok) return content;
  const first = stored.log[0];
  const from = first === undefined ? stored.version : first.version - 1;
  if (from > stored.version) return fail('invalid', 'the log begins after the content');
  if (from + stored.log.length < stored.version) return fail('invalid', 'the log ends before the content');
  const document = new Sequencer<C, O, T>(type, { content: content.value, version: stored.version, from }, limits);
  for (const entry of stored.log) {
    const replayed = document.replay(entry);
    if (!replayed.ok) return replayed;
  }
  return ok(document);
}

/** See `applyWork`. More would hold up every other document of the process for too long. */
const MAX_APPLY_WORK = 100_000;

interface Pending<C, O, T> {
  readonly entry: LogEntry<T>;
  readonly operation: O;
  /** After it. */
  readonly content: C;
}

class Sequencer<C, O, T> implements ServerDocument<T> {
  private committed: C;
  private committedVersion: number;
  private staged: Pending<C, O, T>[] = [];
  private readonly log: OperationLog<O, T>;

  constructor(
    private readonly operational: OperationalType<C, O>,
    start: { readonly content: C; readonly version: number; readonly from: number },
    private readonly limits: ServerDocumentLimits,
  ) {
    this.committed = start.content;
    this.committedVersion = start.version;
    this.log = new OperationLog(start.from, limits);
  }

  get type(): string {
    return this.operational.name;
  }

  get version(): number {
    return this.committedVersion;
  }

  get stagedVersion(): number {
    return this.committedVersion + this.staged.length;
  }

  get oldestVersion(): number {
    return this.log.from;
  }

  get bytes(): number {
    return this.operational.size(this.committed);
  }

  get logBytes(): number {
    return this.log.bytes;
  }

  content(): unknown {
    return this.operational.contentToJson(this.committed);
  }

  stage(json: unknown, baseVersion: number, tag: T): Staged<T> {
    const currentVersion = this.committedVersion;
    if (baseVersion > currentVersion) return { result: 'version_mismatch', reason: 'ahead', currentVersion };
    const parsed = this.operational.parseOperation(json);
    if (!parsed.ok) return invalid(parsed.error);
    if (baseVersion < this.log.from || this.isTooMuchToPass(parsed.value, baseVersion)) {
      return { result: 'version_mismatch', reason: 'behind', currentVersion };
    }
    const before = this.staged.at(-1)?.content ?? this.committed;
    const fitted = attempt(() => this.transformed(parsed.value, baseVersion));
    if (!fitted.ok) return invalid(fitted.error);
    if (this.operational.applyWork(before, fitted.value) > MAX_APPLY_WORK) {
      return { result: 'invalid', message: 'changes too many places at once, for a document so wide' };
    }
    const applied = this.operational.apply(before, fitted.value);
    if (!applied.ok) return invalid(applied.error);
    const bytes = this.operational.size(applied.value);
    // What is too long already may still be made shorter.
    if (bytes > this.limits.maxContentBytes && bytes > this.operational.size(before)) return { result: 'too_large' };
    const text = JSON.stringify(this.operational.operationToJson(fitted.value));
    const entry = { baseVersion, version: this.stagedVersion + 1, text, tag };
    this.staged.push({ entry, operation: fitted.value, content: applied.value });
    return { result: 'staged', entry };
  }

  commit(version = this.stagedVersion): void {
    const count = version - this.committedVersion;
    if (count < 0 || count > this.staged.length) throw new RangeError(`version ${version} is not staged`);
    for (const pending of this.staged.splice(0, count)) {
      this.log.append(pending.operation, pending.entry);
      this.committed = pending.content;
    }
    this.committedVersion = version;
  }

  rollback(): void {
    this.staged = [];
  }

  operationsSince(version: number): readonly LogEntry<T>[] | undefined {
    return version > this.committedVersion ? undefined : this.log.entriesSince(version);
  }

  /** An operation that was applied before: it is believed as far as it fits. */
  replay(entry: LogEntry<T>): Outcome<void, 'invalid'> {
    if (entry.version !== this.log.version + 1) return fail('invalid', `the log has a gap before ${entry.version}`);
    const json = parseJson(entry.text);
    const parsed = this.operational.parseOperation(json);
    if (!parsed.ok) return parsed;
    if (entry.version > this.committedVersion) {
      const applied = this.operational.apply(this.committed, parsed.value);
      if (!applied.ok) return applied;
      this.committed = applied.value;
      this.committedVersion = entry.version;
    }
    this.log.append(parsed.value, entry);
    return ok(undefined);
  }

  private isTooMuchToPass(operation: O, baseVersion: number): boolean {
    const passed = this.stagedVersion - baseVersion;
    let work = this.operational.parts(operation) * passed;
    if (passed === 0 || work > this.limits.maxTransformWork) return passed > 0;
    for (const earlier of this.log.operationsSince(baseVersion)) work += this.operational.parts(earlier);
    for (const earlier of this.staged) work += this.operational.parts(earlier.operation);
    return work > this.limits.maxTransformWork;
  }

  /** Past everything that came before it, one after the other, as its client does it too. */
  private transformed(operation: O, baseVersion: number): O {
    let fitted = operation;
    for (const earlier of this.log.operationsSince(baseVersion)) {
      fitted = this.operational.transform(fitted, earlier, 'right');
    }
    for (const earlier of this.staged) fitted = this.operational.transform(fitted, earlier.operation, 'right');
    return fitted;
  }
}

function invalid(error: { readonly message: string; readonly field?: string }): Staged<never> {
  const { message, field } = error;
  return field === undefined ? { result: 'invalid', message } : { result: 'invalid', message, field };
}

/** The libraries throw at operations that cannot be brought together. */
function attempt<R>(work: () => R): Outcome<R, 'invalid'> {
  try {
    return ok(work());
  } catch (error) {
    return fail('invalid', error instanceof Error ? error.message : 'cannot be transformed');
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import { fail, ok, type Outcome } from '@parley/contracts';
import type {
  AppliedOperation,
  ClientDocument,
  ClientDocumentOptions,
  DocumentState,
  Outgoing,
  Rejected,
  UndoMode,
  Update,
} from './client-document.js';
import type { OperationalType } from './document-type.js';
import { PendingOperations } from './pending-operations.js';
import { UndoHistory } from './undo-history.js';

const MAX_UNDO_STEPS = 200;
const NOTHING: Update = { need: 'nothing', changes: [], confirmed: undefined, rejected: [] };

export function openClientDocument<C, O>(
  type: OperationalType<C, O>,
  state: DocumentState,
  options: ClientDocumentOptions = {},
): Outcome<ClientDocument, 'invalid'> {
  const content = type.parseContent(state.content);
  if (!content.ok) return content;
  return ok(new Replica(type, content.value, state.version, options.maxUndoSteps ?? MAX_UNDO_STEPS));
}

class Replica<C, O> implements ClientDocument {
  /** With the pending operations applied; the very same value as `confirmed` when there are none. */
  private local: C;
  private shown: { readonly of: C; readonly json: unknown } | undefined;
  private readonly queue: PendingOperations<C, O>;
  private readonly history: UndoHistory<C, O>;

  constructor(
    private readonly operational: OperationalType<C, O>,
    private confirmed: C,
    private confirmedVersion: number,
    maxUndoSteps: number,
  ) {
    this.local = confirmed;
    this.queue = new PendingOperations(operational);
    this.history = new UndoHistory(operational, maxUndoSteps);
  }

  get type(): string {
    return this.operational.name;
  }

  get version(): number {
    return this.confirmedVersion;
  }

  get content(): unknown {
    if (this.shown?.of !== this.local) {
      this.shown = { of: this.local, json: this.operational.contentToJson(this.local) };
    }
    return this.shown.json;
  }

  get pending(): number {
    return this.queue.length;
  }

  get inFlight(): string | undefined {
    return this.queue.inFlight?.id;
  }

  get canUndo(): boolean {
    return this.history.canUndo;
  }

  get canRedo(): boolean {
    return this.history.canRedo;
  }

  confirmedState(): DocumentState {
    return { content: this.operational.contentToJson(this.confirmed), version: this.confirmedVersion };
  }

  edit(json: unknown, id: string, undo: UndoMode = 'step'): Outcome<{ readonly id: string }, 'invalid'> {
    const parsed = this.operational.parseOperation(json);
    if (!parsed.ok) return parsed;
    return attempt(() => {
      const inverse = this.operational.invert(parsed.value, this.local);
      const queued = this.applyOwn(parsed.value, id);
      if (!queued.ok) return queued;
      if (undo === 'none') this.history.pass(parsed.value);
      else this.history.record(inverse, undo === 'merge');
      return queued;
    });
  }

  undo(id: string): { readonly id: string; readonly change: unknown } | undefined {
    return this.step(
      id,
      () => this.history.takeUndo(),
      (inverse) => this.history.undone(inverse),
    );
  }

  redo(id: string): { readonly id: string; readonly change: unknown } | undefined {
    return this.step(
      id,
      () => this.history.takeRedo(),
      (inverse) => this.history.redone(inverse),
    );
  }

  takeOutgoing(): Outgoing | undefined {
    return this.queue.inFlight === undefined && this.queue.send() ? this.resend() : undefined;
  }

  resend(): Outgoing | undefined {
    const sent = this.queue.inFlight;
    return (
      sent && {
        id: sent.id,
        // It has been transformed past everything that came since, so it is as if made on what is confirmed now.
        baseVersion: this.confirmedVersion,
        operation: this.operational.operationToJson(sent.operation),
      }
    );
  }

  receive(applied: AppliedOperation): Update {
    if (applied.version <= this.confirmedVersion) return NOTHING;
    if (applied.version > this.confirmedVersion + 1) return { ...NOTHING, need: 'resume' };
    const parsed = this.operational.parseOperation(applied.operation);
    const confirmed = parsed.ok ? this.operational.apply(this.confirmed, parsed.value) : parsed;
    if (!parsed.ok || !confirmed.ok) return { ...NOTHING, need: 'reload' };
    if (applied.id === this.inFlight) return this.confirmOwn(parsed.value, confirmed.value);
    return this.takeIn(parsed.value, confirmed.value, applied.version) ?? { ...NOTHING, need: 'reload' };
  }

  acknowledge(id: string, version: number): Update {
    const own = this.queue.inFlight;
    if (own?.id !== id) return version > this.confirmedVersion ? { ...NOTHING, need: 'resume' } : NOTHING;
    // It was in the content of a reload already, so here it is in twice.
    if (version <= this.confirmedVersion) return { ...this.withdraw(), confirmed: id };
    if (version > this.confirmedVersion + 1) return { ...NOTHING, need: 'resume' };
    const confirmed = this.operational.apply(this.confirmed, own.operation);
    return confirmed.ok ? this.confirmOwn(own.operation, confirmed.value) : { ...NOTHING, need: 'reload' };
  }

  reject(id: string): Update {
    const own = this.queue.inFlight;
    if (own?.id !== id) return NOTHING;
    const withdrawn = this.withdraw();
    return { ...withdrawn, rejected: [this.rejected(own), ...withdrawn.rejected] };
  }

  reload(state: DocumentState): Update {
    const parsed = this.operational.parseContent(state.content);
    if (!parsed.ok) return { ...NOTHING, need: 'reload' };
    const missed = attempt(() => ok(this.operational.difference(this.confirmed, parsed.value)));
    const fitted = missed.ok ? this.takeIn(missed.value, parsed.value, state.version) : undefined;
    return fitted ?? this.startOver(parsed.value, state.version);
  }

  private step(
    id: string,
    take: () => O | undefined,
    done: (inverse: O) => void,
  ): { readonly id: string; readonly change: unknown } | undefined {
    for (let operation = take(); operation !== undefined; operation = take()) {
      const chosen = operation;
      const stepped = attempt(() => {
        const inverse = this.operational.invert(chosen, this.local);
        const queued = this.applyOwn(chosen, id);
        if (queued.ok) done(inverse);
        return queued;
      });
      if (stepped.ok) return { id: stepped.value.id, change: this.operational.operationToJson(chosen) };
    }
    return undefined;
  }

  private applyOwn(operation: O, id: string): Outcome<{ readonly id: string }, 'invalid'> {
    const applied = this.operational.apply(this.local, operation);
    if (!applied.ok) return applied;
    const queued = this.queue.add(operation, id);
    this.local = applied.value;
    return ok({ id: queued });
  }

  private confirmOwn(applied: O, confirmed: C): Update {
    const own = this.queue.inFlight;
    if (own === undefined) return NOTHING;
    // Both sides transform alike; should they ever not, the server's word counts.
    if (!this.same(own.operation, applied)) return { ...NOTHING, need: 'reload' };
    this.queue.shift();
    this.confirmed = confirmed;
    this.confirmedVersion += 1;
    if (this.queue.length === 0) this.local = confirmed;
    return { ...NOTHING, confirmed: own.id };
  }

  private same(one: O, other: O): boolean {
    if (one === other) return true;
    return this.textOf(one) === this.textOf(other);
  }

  private textOf(operation: O): string {
    return JSON.stringify(this.operational.operationToJson(operation));
  }

  /** What others did between `this.confirmed` and `confirmed`; undefined, and nothing changed, when it does not fit. */
  private takeIn(operation: O, confirmed: C, version: number): Update | undefined {
    const fitted = attempt(() => {
      const passed = this.queue.past(operation);
      const local = this.queue.length === 0 ? ok(confirmed) : this.operational.apply(this.local, passed.change);
      return local.ok ? ok({ ...passed, local: local.value }) : local;
    });
    if (!fitted.ok) return undefined;
    this.queue.replace(fitted.value.pending);
    this.confirmed = confirmed;
    this.confirmedVersion = version;
    return this.showing(fitted.value.local, fitted.value.change);
  }

  /** Takes the operation in flight out again and leaves those after it, if they can do without it. */
  private withdraw(): Update {
    const fitted = attempt(() => {
      const left = this.queue.withoutFirst(this.confirmed);
      const local = this.operational.apply(this.local, left.change);
      return local.ok ? ok({ ...left, local: local.value }) : local;
    });
    if (!fitted.ok) {
      this.queue.shift();
      return this.startOver(this.confirmed, this.confirmedVersion);
    }
    this.queue.replace(fitted.value.pending);
    return this.showing(this.queue.length === 0 ? this.confirmed : fitted.value.local, fitted.value.change);
  }

  private showing(local: C, change: O): Update {
    this.local = local;
    if (this.operational.isNoop(change)) return NOTHING;
    this.history.pass(change);
    return { ...NOTHING, changes: [this.operational.operationToJson(change)] };
  }

  /** Nothing of the user's own survives this. */
  private startOver(confirmed: C, version: number): Update {
    const rejected = this.queue.all.map((own) => this.rejected(own));
    const change = attempt(() => ok(this.operational.difference(this.local, confirmed)));
    this.queue.replace([]);
    this.history.clear();
    this.confirmed = confirmed;
    this.confirmedVersion = version;
    this.local = confirmed;
    return { ...NOTHING, changes: change.ok ? [this.operational.operationToJson(change.value)] : [], rejected };
  }

  private rejected(own: { readonly id: string; readonly operation: O }): Rejected {
    return { id: own.id, operation: this.operational.operationToJson(own.operation) };
  }
}

/** The libraries throw at operations that cannot be brought together. */
function attempt<R>(work: () => Outcome<R, 'invalid'>): Outcome<R, 'invalid'> {
  try {
    return work();
  } catch (error) {
    return fail('invalid', error instanceof Error ? error.message : 'cannot be transformed');
  }
}

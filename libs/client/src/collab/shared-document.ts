import {
  openClientDocument,
  type ClientDocument,
  type DocumentTypeEntry,
  type Outgoing,
  type Update,
} from '@parley/ot';
import type { Emitter } from '../transport/emitter.js';
import { ParleyError } from '../transport/parley-error.js';
import type { Timers } from '../transport/timers.js';
import { uuid } from '../transport/uuid.js';
import { wait, type Settle, type WaitOptions } from '../transport/wait.js';
import type { AppliedOperation } from './collab-messages.js';
import { differenceBetween } from './difference.js';
import type { DocumentSnapshot, EditOptions, Operation, RoomDocument, RoomEvents } from './room.js';

/** What a document needs of its room. */
export interface DocumentHost {
  readonly timers: Timers;
  readonly events: Emitter<RoomEvents>;
  /** Whether this user may change it. */
  mayEdit(): boolean;
  /** There is something to send. */
  outgoing(): void;
  /** What is here and what is there have come apart. */
  resync(need: 'resume' | 'reload'): void;
}

/** Made within this time of the one before, a change is undone together with it. */
const MERGE_MS = 500;
/** Of what can't be sent now; each holds up to 16 KiB of joined changes. */
const MAX_PENDING = 1_000;

const EMPTY: DocumentSnapshot = {
  content: undefined,
  version: 0,
  pending: 0,
  canUndo: false,
  canRedo: false,
  canEdit: false,
};

/** The pure document of @parley/ot with an app in front of it. */
export class SharedDocument implements RoomDocument {
  private replica: ClientDocument | undefined;
  private entry: DocumentTypeEntry | undefined;
  private shown = EMPTY;
  private editedAt = -Infinity;
  /** Who waits for a change to be acknowledged, by the id that it goes under. */
  private readonly submitted = new Map<string, Settle<undefined>[]>();
  private readonly saving = new Set<Settle<undefined>>();

  constructor(private readonly host: DocumentHost) {}

  get type(): string | undefined {
    return this.replica?.type;
  }

  get snapshot(): DocumentSnapshot {
    return this.shown;
  }

  get content(): unknown {
    return this.shown.content;
  }

  get version(): number {
    return this.shown.version;
  }

  get pending(): number {
    return this.shown.pending;
  }

  get canUndo(): boolean {
    return this.shown.canUndo;
  }

  get canRedo(): boolean {
    return this.shown.canRedo;
  }

  get canEdit(): boolean {
    return this.shown.canEdit;
  }

  edit(operation: Operation, options: EditOptions = {}): void {
    this.change(operation, options);
  }

  update(content: unknown, options: EditOptions = {}): void {
    const replica = this.editable();
    if (this.entry === undefined) return;
    const operation = differenceBetween(this.entry, replica.content, content);
    if (operation !== undefined) this.change(operation, options);
  }

  undo(): boolean {
    return this.step((replica) => replica.undo(uuid()));
  }

  redo(): boolean {
    return this.step((replica) => replica.redo(uuid()));
  }

  saved(options: WaitOptions = {}): Promise<void> {
    if (this.pending === 0) return Promise.resolve();
    return wait<undefined>(this.host.timers, 'saving', options, (settle) => {
      this.saving.add(settle);
      return () => this.saving.delete(settle);
    });
  }

  /** Resolves when the server has acknowledged it; rejected when it has refused it. */
  async submit(operation: Operation, options: WaitOptions = {}): Promise<void> {
    await wait<undefined>(this.host.timers, 'the acknowledgment', options, (settle) => {
      try {
        const id = this.change(operation, {});
        const others = this.submitted.get(id);
        if (others === undefined) this.submitted.set(id, [settle]);
        else others.push(settle);
      } catch (error) {
        settle.reject(
          error instanceof ParleyError ? error : new ParleyError('invalid', String(error), { cause: error }),
        );
      }
      return undefined;
    });
  }

  /** For the room: everything below. */
  get opened(): boolean {
    return this.replica !== undefined;
  }

  get inFlight(): string | undefined {
    return this.replica?.inFlight;
  }

  /** Nothing is on its way, and something could be. */
  get hasUnsent(): boolean {
    return this.replica !== undefined && this.replica.inFlight === undefined && this.replica.pending > 0;
  }

  open(entry: DocumentTypeEntry, content: unknown, version: number): ParleyError | undefined {
    const opened = entry.use((type) => openClientDocument(type, { content, version }));
    if (!opened.ok) return new ParleyError('invalid', `the document is no ${entry.name}: ${opened.error.message}`);
    this.entry = entry;
    this.replica = opened.value;
    this.refresh();
    return undefined;
  }

  reload(content: unknown, version: number): void {
    this.take((replica) => replica.reload({ content, version }));
  }

  receive({
    id,
    operation,
    transformedVersion: version,
  }: Pick<AppliedOperation, 'id' | 'operation' | 'transformedVersion'>): void {
    this.take((replica) => replica.receive({ id, operation, version }));
  }

  acknowledge(id: string, version: number): void {
    this.take((replica) => replica.acknowledge(id, version));
  }

  reject(id: string, error: ParleyError): void {
    this.take((replica) => replica.reject(id), error);
  }

  takeOutgoing(): Outgoing | undefined {
    return this.replica?.takeOutgoing();
  }

  resend(): Outgoing | undefined {
    return this.replica?.resend();
  }

  /** It will not be sent any more. */
  close(error: ParleyError): void {
    for (const settle of [...this.saving, ...[...this.submitted.values()].flat()]) settle.reject(error);
    this.saving.clear();
    this.submitted.clear();
    this.refresh();
  }

  /** Something beside the content may have changed, such as the role. */
  refresh(): void {
    const { replica, shown } = this;
    if (replica === undefined) return;
    const { content, version, pending, canUndo, canRedo } = replica;
    const next = { content, version, pending, canUndo, canRedo, canEdit: this.host.mayEdit() };
    if (isSame(next, shown)) return;
    this.shown = next;
    this.host.events.emit('document', next);
    if (pending === 0) for (const settle of [...this.saving]) settle.resolve(undefined);
  }

  private editable(): ClientDocument {
    if (this.replica === undefined) throw new ParleyError('offline', 'the document is not here yet');
    if (!this.host.mayEdit()) throw new ParleyError('forbidden', 'this user may not change the document');
    if (this.replica.pending >= MAX_PENDING)
      throw new ParleyError('queue_full', 'too many changes wait for a connection');
    return this.replica;
  }

  private change(operation: Operation, { merge }: EditOptions): string {
    const replica = this.editable();
    const now = this.host.timers.now();
    const joins = merge ?? now - this.editedAt < MERGE_MS;
    const edited = replica.edit(operation, uuid(), joins ? 'merge' : 'step');
    if (!edited.ok) throw new ParleyError('invalid', edited.error.message);
    this.editedAt = now;
    this.changed(operation, 'local');
    return edited.value.id;
  }

  private step(take: (replica: ClientDocument) => { readonly change: unknown } | undefined): boolean {
    const stepped = take(this.editable());
    // The next letter is not undone together with what was before.
    this.editedAt = -Infinity;
    if (stepped !== undefined) this.changed(stepped.change, 'undo');
    return stepped !== undefined;
  }

  private changed(operation: Operation, origin: 'local' | 'undo'): void {
    this.host.events.emit('change', { operation, origin });
    this.host.outgoing();
    this.refresh();
  }

  private take(happen: (replica: ClientDocument) => Update, why?: ParleyError): void {
    if (this.replica === undefined) return;
    const { need, changes, confirmed, rejected } = happen(this.replica);
    for (const operation of changes) this.host.events.emit('change', { operation, origin: 'remote' });
    if (confirmed !== undefined) for (const settle of this.waiters(confirmed)) settle.resolve(undefined);
    for (const { id, operation } of rejected) {
      const error = why ?? new ParleyError('out_of_sync', 'the document is too different now to take this change');
      for (const settle of this.waiters(id)) settle.reject(error);
      this.host.events.emit('rejected', { operation, error });
    }
    this.refresh();
    if (need === 'nothing') this.host.outgoing();
    else this.host.resync(need);
  }

  private waiters(id: string): readonly Settle<undefined>[] {
    const waiters = this.submitted.get(id) ?? [];
    this.submitted.delete(id);
    return waiters;
  }
}

function isSame(one: DocumentSnapshot, other: DocumentSnapshot): boolean {
  return (
    one.content === other.content &&
    one.version === other.version &&
    one.pending === other.pending &&
    one.canUndo === other.canUndo &&
    one.canRedo === other.canRedo &&
    one.canEdit === other.canEdit
  );
}

import type { DocumentTypeEntry, Outgoing } from '@parley/ot';
import type { UpType } from '@parley/dialects/collab/up';
import { Backoff } from '../transport/backoff.js';
import type { Sent } from '../transport/connection.js';
import { Emitter, type Handler } from '../transport/emitter.js';
import { Later } from '../transport/later.js';
import { asParleyError, ParleyError } from '../transport/parley-error.js';
import type { Timers } from '../transport/timers.js';
import { uuid } from '../transport/uuid.js';
import { wait, type Settle, type WaitOptions } from '../transport/wait.js';
import type { BinaryPresence, Position } from './binary-frames.js';
import { errorOf, type Received, type Role, type RoomJoined } from './collab-messages.js';
import { Newest } from './newest.js';
import type { Pace } from './pace.js';
import { Participants, type Cursor, type Participant, type PresenceChange, type Selection } from './participants.js';
import type { Range, Room, RoomEvents, RoomStatus } from './room.js';
import { SharedDocument } from './shared-document.js';

/** What a room needs of the client that it belongs to. */
export interface RoomHost {
  readonly timers: Timers;
  readonly pace: Pace;
  readonly types: ReadonlyMap<string, DocumentTypeEntry>;
  readonly selectionColor: string | undefined;
  userId(): string | undefined;
  online(): boolean;
  /** Throws `too_large`. */
  say(type: UpType, payload: unknown, about: { readonly id?: string; readonly roomId?: string }): Sent;
  /** False: not now. */
  sayCursor(roomId: string, position: Position): boolean;
  joined(roomId: string): void;
  /** The server has taken the room away, or did not let the client in. */
  lost(room: RoomSession, error: ParleyError): void;
}

/** The protocol's 16.67 ms, rounded to where 60 a second are never exceeded. */
const CURSOR_EVERY_MS = 17;
const SELECTION_EVERY_MS = 100;
/** For the answer to a join, or an operation; then it is asked again. */
const ANSWER_MS = 15_000;
const RETRY = { minMs: 250, baseMs: 500, maxMs: 10_000 };

/** One room over all connections: enters again after each, sends what is pending, hears what others do. */
export class RoomSession implements Room {
  readonly document: SharedDocument;
  private readonly events = new Emitter<RoomEvents>();
  private readonly people = new Participants();
  private readonly backoff: Backoff;
  private readonly cursor: Newest<Position>;
  private readonly selection: Newest<readonly Range[]>;
  private readonly cursorNews: Newest<undefined>;
  private readonly entering = new Set<Settle<Room>>();
  private current: RoomStatus = 'joining';
  /** Of the join that has no answer yet. */
  private joinId: string | undefined;
  /** Again after a pause, or when no answer comes. */
  private readonly nextJoin: Later;
  private readonly nextSend: Later;

  constructor(
    readonly id: string,
    private readonly host: RoomHost,
  ) {
    const { timers } = host;
    this.backoff = new Backoff(RETRY, timers);
    this.nextJoin = new Later(timers);
    this.nextSend = new Later(timers);
    this.document = new SharedDocument({
      timers,
      events: this.events,
      mayEdit: () => this.current !== 'left' && this.role !== 'viewer',
      outgoing: () => this.pump(),
      resync: (need) => this.resync(need),
    });
    this.cursor = new Newest(timers, CURSOR_EVERY_MS, (position) => host.sayCursor(id, position));
    this.selection = new Newest(timers, SELECTION_EVERY_MS, (ranges) => this.saySelection(ranges));
    this.cursorNews = new Newest(timers, CURSOR_EVERY_MS, () => {
      this.events.emit('cursors', this.cursors);
      return true;
    });
  }

  get status(): RoomStatus {
    return this.current;
  }

  get role(): Role | undefined {
    const me = this.host.userId();
    return this.people.all.find(({ userId }) => userId === me)?.role;
  }

  get participants(): readonly Participant[] {
    return this.people.all;
  }

  get cursors(): ReadonlyMap<string, Cursor> {
    return this.people.cursors;
  }

  get selections(): ReadonlyMap<string, Selection> {
    return this.people.selections;
  }

  updateCursor(position: Position): void {
    if (this.current === 'joined') this.cursor.push(position);
  }

  updateSelection(ranges: readonly Range[]): void {
    if (this.current === 'joined') this.selection.push(ranges);
  }

  on<K extends keyof RoomEvents>(event: K, handler: Handler<RoomEvents[K]>): () => void {
    return this.events.on(event, handler);
  }

  off<K extends keyof RoomEvents>(event: K, handler: Handler<RoomEvents[K]>): void {
    this.events.off(event, handler);
  }

  /** Resolves when the room has been entered for the first time. */
  entered(options: WaitOptions): Promise<Room> {
    if (this.document.opened) return Promise.resolve(this);
    return wait<Room>(this.host.timers, `joining ${this.id}`, options, (settle) => {
      this.entering.add(settle);
      return () => this.entering.delete(settle);
    });
  }

  /** There is a new connection, or none any more. */
  connectionChanged(online: boolean): void {
    this.stopTimers();
    this.joinId = undefined;
    if (this.current === 'left') return;
    if (online) this.join('resume');
    else if (this.document.opened) this.move('offline');
  }

  /** There will be no connection: nobody should wait to enter. */
  notEntering(error: ParleyError): void {
    for (const settle of [...this.entering]) settle.reject(error);
  }

  leave(): void {
    this.host.say('leave_room', { roomId: this.id }, {});
    this.end(new ParleyError('disconnected', 'the room was left'));
  }

  end(error: ParleyError): void {
    this.stopTimers();
    this.move('left');
    this.notEntering(error);
    this.document.close(error);
  }

  /** True: it was about this room. */
  received(message: Received): boolean {
    if (message.type === 'error') {
      return this.failed(message.payload.details.messageId, message.roomId, errorOf(message.payload));
    }
    if (message.roomId !== this.id) return false;
    if (message.type === 'room_joined') this.joined(message.payload);
    else if (message.type === 'operation_broadcast') this.document.receive({ ...message.payload, id: message.id });
    else if (message.type === 'ack') this.acknowledged(message.payload.messageId, message.payload.version);
    else if (message.type === 'presence_update') {
      const { userId, presence } = message.payload;
      this.tell(this.people.update(userId, presence));
    }
    return true;
  }

  knows(numericId: number): boolean {
    return this.people.has(numericId);
  }

  receivedBinary(presence: BinaryPresence): void {
    this.tell(this.people.updateBinary(presence));
  }

  private join(need: 'resume' | 'reload'): void {
    this.nextJoin.stop();
    if (!this.host.online()) return;
    this.move('joining');
    this.joinId = uuid();
    const known = need === 'resume' && this.document.opened ? { lastSyncVersion: this.document.version } : {};
    this.host.say('join_room', { roomId: this.id, ...known }, { id: this.joinId });
    this.nextJoin.after(ANSWER_MS, () => this.join(need));
  }

  /** The server does not count this connection as in the room any more; everyone on its pod may have been told the same. */
  private fellOut(): void {
    if (this.joinId !== undefined || this.current !== 'joined') return;
    this.nextSend.stop();
    this.move('joining');
    this.nextJoin.after(this.backoff.next(), () => this.join('resume'));
  }

  private resync(need: 'resume' | 'reload'): void {
    // An answer that is on its way will say whether it is still needed.
    if (this.joinId === undefined && this.current === 'joined') this.join(need);
  }

  private joined({ participants, documentState, version, recovered, operations = [] }: RoomJoined): void {
    this.nextJoin.stop();
    this.joinId = undefined;
    this.nextSend.stop();
    this.people.replace(participants);
    const refused = this.document.opened ? undefined : this.open(documentState, version);
    if (refused !== undefined) {
      this.host.say('leave_room', { roomId: this.id }, {});
      this.host.lost(this, refused);
      return;
    }
    // Still `joining`: nothing is sent before all that was missed is in.
    if (recovered) for (const one of operations) this.document.receive(one);
    else if (documentState.content !== undefined) this.document.reload(documentState.content, version);
    if (this.document.version !== version) {
      this.join('reload');
      return;
    }
    this.backoff.reset();
    this.move('joined');
    this.document.refresh();
    this.host.joined(this.id);
    this.tell({ participants: true, cursors: true, selections: true });
    for (const settle of [...this.entering]) settle.resolve(this);
    const unanswered = this.document.resend();
    if (unanswered === undefined) this.pump();
    else this.submit(unanswered);
  }

  private open({ type, content }: RoomJoined['documentState'], version: number): ParleyError | undefined {
    const entry = this.host.types.get(type);
    if (entry !== undefined) return this.document.open(entry, content, version);
    return new ParleyError('invalid', `this client was given no document type '${type}': see \`types\``);
  }

  private pump(): void {
    if (this.current !== 'joined' || this.nextSend.waiting) return;
    if (!this.document.hasUnsent) return;
    const waitMs = this.host.pace.take();
    if (waitMs > 0) {
      this.nextSend.after(waitMs, () => this.pump());
      return;
    }
    const next = this.document.takeOutgoing();
    if (next !== undefined) this.submit(next);
  }

  private submit({ id, operation, baseVersion: version }: Outgoing): void {
    try {
      this.host.say('operation', { operation, version }, { id, roomId: this.id });
    } catch (thrown) {
      this.document.reject(id, asParleyError(thrown, 'internal', 'the operation could not be written'));
      return;
    }
    // No answer, on a connection that lives: joining again brings whatever has become of it.
    this.nextSend.after(ANSWER_MS, () => this.join('resume'));
  }

  private acknowledged(id: string, version: number | undefined): void {
    if (version === undefined) return;
    if (id === this.document.inFlight) this.nextSend.stop();
    this.document.acknowledge(id, version);
  }

  private failed(messageId: string | undefined, roomId: string | undefined, error: ParleyError): boolean {
    if (messageId !== undefined && messageId === this.joinId) this.joinFailed(error);
    else if (messageId !== undefined && messageId === this.document.inFlight) this.submitFailed(messageId, error);
    else if (roomId !== this.id) return false;
    // Not an answer: the room is gone, or this user may not be in it any more.
    else if (messageId === undefined && isGone(error)) this.host.lost(this, error);
    else if (messageId === undefined && error.code === 'unavailable') this.fellOut();
    else this.events.emit('error', error);
    return true;
  }

  private joinFailed(error: ParleyError): void {
    this.joinId = undefined;
    this.nextJoin.stop();
    // Who waits for the first time is told of limits; who was in before stands in line.
    const worthWaiting = this.document.opened
      ? error.retryable
      : error.code === 'unavailable' || error.code === 'internal';
    if (!worthWaiting) {
      this.host.lost(this, error);
      return;
    }
    const pause = this.backoff.next(error.details.retryAfterMs);
    this.nextJoin.after(pause, () => this.join('resume'));
  }

  private submitFailed(id: string, error: ParleyError): void {
    this.nextSend.stop();
    if (error.code === 'out_of_sync') this.resync('reload');
    else if (error.code === 'not_found') this.host.lost(this, error);
    else if (error.retryable) {
      this.nextSend.after(this.backoff.next(error.details.retryAfterMs), () => {
        // Who is joining sends it again afterwards.
        const again = this.current === 'joined' ? this.document.resend() : undefined;
        if (again !== undefined) this.submit(again);
      });
    } else this.document.reject(id, error);
  }

  private saySelection(ranges: readonly Range[]): boolean {
    const me = this.host.userId();
    const own = this.people.all.find(({ userId }) => userId === me);
    const color = this.host.selectionColor ?? own?.color ?? '#000000';
    return this.host.say('selection_change', { ranges, color }, { roomId: this.id }) === 'sent';
  }

  private tell({ participants, cursors, selections }: PresenceChange): void {
    if (participants) {
      this.document.refresh();
      this.events.emit('participants', this.participants);
    }
    if (cursors) this.cursorNews.push(undefined);
    if (selections) this.events.emit('selections', this.selections);
  }

  private move(status: RoomStatus): void {
    if (this.current === status) return;
    this.current = status;
    this.events.emit('status', status);
  }

  private stopTimers(): void {
    this.nextSend.stop();
    this.nextJoin.stop();
    this.cursor.stop();
    this.selection.stop();
    this.cursorNews.stop();
  }
}

function isGone({ code }: ParleyError): boolean {
  return code === 'not_found' || code === 'forbidden';
}

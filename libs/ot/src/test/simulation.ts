import type { Outgoing, Update } from '../client-document.js';
import type { OperationalType } from '../document-type.js';
import { openClientDocument } from '../replica.js';
import {
  defaultServerDocumentLimits,
  openServerDocument,
  type LogEntry,
  type ServerDocument,
  type Staged,
} from '../server-document.js';
import { Dice } from './dice.js';
import { ConvergenceError, expectSame, must, sum } from './findings.js';
import { entryMessage, type Peer, type Tag } from './peer.js';
import type { Subject } from './subjects.js';

/** One thing that happens: which client, what, and the chance in it. All are taken modulo what there is. */
export type Step = readonly [client: number, action: number, chance: number];

export interface History {
  readonly clients: number;
  readonly start: number;
  /** Operations that the server keeps for late comers; few, so that some come too late. */
  readonly kept: number;
  readonly steps: readonly Step[];
}

export interface Summary {
  readonly version: number;
  readonly rejected: number;
}

const ACTIONS = [
  ...['edit', 'edit', 'write', 'write', 'write', 'send', 'send', 'serve', 'serve', 'serve', 'serveAll', 'serveAll'],
  ...['deliver', 'deliver', 'deliver', 'deliver', 'deliver', 'deliverAll', 'undo', 'undo', 'redo', 'duplicate'],
  ...['disconnect', 'reconnect', 'reconnect', 'reload', 'failCommit', 'snapshot', 'changePod', 'burst'],
] as const;
type Action = (typeof ACTIONS)[number];

/** A sequencer with its database and some clients, every message between them held back until a step lets it through. */
export class Simulation<C, O> {
  private readonly type: OperationalType<C, O>;
  private readonly initial: unknown;
  private server: ServerDocument<Tag>;
  /** What the database holds. */
  private rows: LogEntry<Tag>[] = [];
  private staged: LogEntry<Tag>[] = [];
  private snapshot: { readonly content: unknown; readonly version: number };
  private readonly peers: Peer<C>[] = [];
  private ids = 0;
  private connections = 0;

  constructor(
    private readonly subject: Subject<C, O>,
    private readonly history: History,
    /** Is told what happens, for histories that fail. */
    private readonly trace?: (line: string) => void,
  ) {
    this.type = subject.type;
    this.initial = this.subject.start(new Dice(history.start));
    this.snapshot = { content: this.initial, version: 1 };
    this.server = this.openServer();
    for (let name = 0; name < history.clients; name += 1) this.peers.push(this.newPeer(name));
  }

  run(): Summary {
    for (const [client, action, chance] of this.history.steps) {
      const peer = this.peers[client % this.peers.length];
      const chosen = ACTIONS[action % ACTIONS.length];
      if (peer !== undefined && chosen !== undefined) this.step(peer, chosen, new Dice(chance));
    }
    this.settle();
    this.check();
    return { version: this.server.version, rejected: this.peers.reduce((sum, peer) => sum + peer.rejected.size, 0) };
  }

  private step(peer: Peer<C>, action: Action, dice: Dice): void {
    this.trace?.(`client ${peer.name}: ${action}`);
    const edit = (): void => this.edit(peer, dice);
    const send = (): void => this.send(peer, peer.document.takeOutgoing());
    const actions: Record<Action, () => void> = {
      edit,
      send,
      write() {
        edit();
        send();
      },
      burst() {
        for (let edits = 2 + dice.below(3); edits > 0; edits -= 1) edit();
      },
      undo: () => this.undo(peer, 'undo'),
      redo: () => this.undo(peer, 'redo'),
      duplicate: () => this.send(peer, peer.document.resend()),
      serve: () => this.serve([peer], true),
      serveAll: () => this.serve(this.peers, true),
      failCommit: () => this.serve(this.peers, false),
      deliver: () => this.deliver(peer),
      deliverAll: () => this.deliverAll(peer),
      disconnect: () => this.disconnect(peer),
      reconnect: () => this.join(peer, 'resume'),
      reload: () => this.join(peer, 'reload'),
      snapshot: () => this.keepSnapshot(),
      changePod: () => this.changePod(),
    };
    actions[action]();
  }

  private keepSnapshot(): void {
    this.snapshot = { content: this.server.content(), version: this.server.version };
  }

  private changePod(): void {
    this.server = this.openServer();
  }

  private newPeer(name: number): Peer<C> {
    const document = openClientDocument(this.type, { content: this.server.content(), version: this.server.version });
    if (!document.ok) throw new ConvergenceError(document.error.message);
    return {
      name,
      document: document.value,
      connection: this.nextConnection(),
      toServer: [],
      fromServer: [],
      editor: this.parsed(document.value.content),
      confirmed: new Set(),
      rejected: new Set(),
      made: new Set(),
    };
  }

  private parsed(content: unknown): C {
    const parsed = this.type.parseContent(content);
    if (!parsed.ok) throw new ConvergenceError(parsed.error.message);
    return parsed.value;
  }

  private nextConnection(): number {
    this.connections += 1;
    return this.connections;
  }

  private openServer(): ServerDocument<Tag> {
    const limits = { ...defaultServerDocumentLimits, maxLogOperations: this.history.kept };
    const opened = openServerDocument<C, O, Tag>(this.type, { ...this.snapshot, log: this.rows }, limits);
    if (!opened.ok) throw new ConvergenceError(`the log cannot be replayed: ${opened.error.message}`);
    return opened.value;
  }

  private edit(peer: Peer<C>, dice: Dice): void {
    const operation = this.subject.edit(peer.document.content, dice);
    const undo = dice.pick('step', 'step', 'merge', 'none');
    const edited = peer.document.edit(operation, this.nextId(), undo);
    this.trace?.(`  ${JSON.stringify(operation)} → ${edited.ok ? edited.value.id : edited.error.message}`);
    if (!edited.ok) throw new ConvergenceError(`an edit that fits was refused: ${edited.error.message}`);
    peer.made.add(edited.value.id);
    this.show(peer, [operation]);
  }

  private undo(peer: Peer<C>, action: 'undo' | 'redo'): void {
    const done = peer.document[action](this.nextId());
    this.trace?.(`  ${JSON.stringify(done)}`);
    if (done === undefined) return;
    peer.made.add(done.id);
    this.show(peer, [done.change]);
  }

  private nextId(): string {
    this.ids += 1;
    return `op${this.ids}`;
  }

  private send(peer: Peer<C>, outgoing: Outgoing | undefined): void {
    if (outgoing === undefined || peer.connection === undefined) return;
    this.trace?.(`  ${JSON.stringify(outgoing)}`);
    peer.toServer.push({ ...outgoing, connection: peer.connection });
  }

  /** One group commit of the next operation of each of these clients. */
  private serve(peers: readonly Peer<C>[], commits: boolean): void {
    for (const peer of peers) this.stageNext(peer);
    const { staged } = this;
    this.staged = [];
    if (commits) this.commit(staged);
    else {
      this.server.rollback();
      for (const peer of peers) if (peer.connection !== undefined) peer.fromServer.push({ kind: 'failed' });
    }
  }

  private commit(staged: readonly LogEntry<Tag>[]): void {
    const from = this.server.version;
    this.server.commit();
    must(this.server.version === from + staged.length, 'another number of operations was committed than staged');
    this.rows.push(...staged);
    for (const peer of this.peers) {
      if (peer.connection !== undefined) peer.fromServer.push(...staged.map((entry) => entryMessage(entry)));
    }
  }

  private stageNext(peer: Peer<C>): void {
    const submitted = peer.toServer.shift();
    if (submitted === undefined) return;
    const known = [...this.rows, ...this.staged].find((row) => row.tag.id === submitted.id);
    if (known !== undefined) {
      // A repetition is answered at once, ahead of events that are still on their way.
      if (!this.staged.includes(known)) {
        peer.fromServer.unshift({ kind: 'repeated', id: submitted.id, version: known.version });
      }
      return;
    }
    const { id, connection } = submitted;
    const staged = this.server.stage(submitted.operation, submitted.baseVersion, { id, connection });
    this.trace?.(`  server: ${id} ${JSON.stringify(staged)}`);
    this.answer(peer, id, staged);
  }

  private answer(peer: Peer<C>, id: string, staged: Staged<Tag>): void {
    if (staged.result === 'staged') this.staged.push(staged.entry);
    else if (staged.result === 'version_mismatch') peer.fromServer.push({ kind: 'mismatch' });
    else peer.fromServer.push({ kind: 'invalid', id });
  }

  private deliver(peer: Peer<C>): void {
    const message = peer.fromServer.shift();
    if (message === undefined) return;
    this.trace?.(`  to ${peer.name}: ${JSON.stringify(message)}`);
    if (message.kind === 'entry') this.handle(peer, this.receive(peer, message.entry));
    else if (message.kind === 'repeated') this.handle(peer, peer.document.acknowledge(message.id, message.version));
    else if (message.kind === 'invalid') this.handle(peer, peer.document.reject(message.id));
    else if (message.kind === 'mismatch') this.join(peer, 'resume');
    else this.send(peer, peer.document.resend());
  }

  private deliverAll(peer: Peer<C>): void {
    while (peer.fromServer.length > 0) this.deliver(peer);
  }

  /** The connection that has sent it gets only an acknowledgement. */
  private receive(peer: Peer<C>, entry: LogEntry<Tag>): Update {
    if (entry.tag.connection === peer.connection) return peer.document.acknowledge(entry.tag.id, entry.version);
    const operation: unknown = JSON.parse(entry.text);
    return peer.document.receive({ id: entry.tag.id, version: entry.version, operation });
  }

  private handle(peer: Peer<C>, update: Update): void {
    if (update.confirmed !== undefined) peer.confirmed.add(update.confirmed);
    for (const { id } of update.rejected) peer.rejected.add(id);
    this.show(peer, update.changes);
    if (update.need !== 'nothing') this.join(peer, update.need);
  }

  private disconnect(peer: Peer<C>): void {
    peer.connection = undefined;
    peer.toServer = [];
    peer.fromServer = [];
  }

  private join(peer: Peer<C>, how: 'resume' | 'reload'): void {
    this.disconnect(peer);
    peer.connection = this.nextConnection();
    const missed = how === 'resume' ? this.server.operationsSince(peer.document.version) : undefined;
    this.trace?.(`  joins ${peer.name}: ${missed === undefined ? 'reload' : JSON.stringify(missed)}`);
    if (missed === undefined) {
      this.handle(peer, peer.document.reload({ content: this.server.content(), version: this.server.version }));
    } else {
      const { connection } = peer;
      for (const entry of missed) {
        if (peer.connection === connection) this.handle(peer, this.receive(peer, entry));
      }
    }
    this.send(peer, peer.document.resend());
  }

  /** The editor is told of `changes`; it must then show what the document says. */
  private show(peer: Peer<C>, changes: readonly unknown[]): void {
    for (const change of changes) {
      const operation = this.type.parseOperation(change);
      const shown = operation.ok ? this.type.apply(peer.editor, operation.value) : operation;
      if (!shown.ok) throw new ConvergenceError(`client ${peer.name}: a change does not fit: ${shown.error.message}`);
      peer.editor = shown.value;
    }
    expectSame(`what client ${peer.name} shows`, this.type.contentToJson(peer.editor), peer.document.content);
  }

  /** Everything still on its way arrives, and everything made is sent. */
  private settle(): void {
    this.trace?.('— everything arrives —');
    for (let rounds = 0; rounds < 1_000; rounds += 1) {
      let idle = true;
      for (const peer of this.peers) {
        if (peer.connection === undefined) this.join(peer, 'resume');
        this.deliverAll(peer);
        this.send(peer, peer.document.takeOutgoing());
        idle &&= peer.toServer.length === 0 && peer.fromServer.length === 0 && peer.document.pending === 0;
      }
      if (idle) return;
      this.serve(this.peers, true);
    }
    throw new ConvergenceError('the clients do not come to rest');
  }

  private check(): void {
    const content = this.server.content();
    const checksum = sum(content);
    for (const peer of this.peers) {
      expectSame(`client ${peer.name}`, peer.document.content, content);
      expectSame(`what client ${peer.name} has confirmed`, peer.document.confirmedState().content, content);
      must(peer.document.version === this.server.version, `client ${peer.name} is at another version`);
      must(sum(peer.document.content) === checksum, `client ${peer.name} has another checksum`);
    }
    this.checkLog();
    this.snapshot = { content: this.initial, version: 1 };
    expectSame('the log from its beginning', this.openServer().content(), content);
  }

  private checkLog(): void {
    const applied = this.rows.map((row) => row.tag.id);
    must(new Set(applied).size === applied.length, 'an operation was applied twice');
    this.rows.forEach((row, index) => must(row.version === index + 2, 'the versions have a gap'));
    must(this.server.version === this.rows.length + 1, 'the server is not at the version of its log');
    for (const peer of this.peers) {
      for (const id of peer.confirmed) must(applied.includes(id), `${id} was confirmed and is not in the log`);
      for (const id of peer.made) {
        must(peer.confirmed.has(id) || peer.rejected.has(id), `nothing was heard of ${id}`);
      }
    }
  }
}

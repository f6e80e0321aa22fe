import type { Selection } from '@parley/client';
import { isRecord } from '../../../session/json.js';
import type { TextRange } from './editor-binding.js';
import { movedBy, type Insertion, type TextOperation, type TextStep } from './text-operation.js';

/**
 * As it goes over the wire: where somebody's caret is in the text of that version, in code points. (A range that has only `anchor` and
 * `head` goes as a binary frame, which has no room for the version.)
 */
export interface SentRange {
  readonly from: number;
  readonly to: number;
  readonly version: number;
}

/** For ranges that arrive late: changes of this many versions are remembered. */
const REMEMBERED = 200;

/**
 * The carets of the others. They are told only when somebody puts theirs by hand; all else follows from the changes: who types stands
 * behind what they typed.
 */
export class RemoteCarets {
  private carets: ReadonlyMap<string, TextRange> = new Map();
  private readonly log: { readonly version: number; readonly operation: TextOperation }[] = [];
  /** Own changes that others may not know of yet. */
  private unsaved: TextOperation[] = [];
  private readonly early = new Map<string, SentRange>();
  private seen: ReadonlyMap<string, Selection> = new Map();

  constructor(private version: number) {}

  /** By user id; the same value until something in it changes. */
  get all(): ReadonlyMap<string, TextRange> {
    return this.carets;
  }

  /** The text has changed, and is at this version now. */
  changed(steps: readonly TextStep[], version: number, pending: number): void {
    for (const { operation, origin } of steps) {
      const insertion = origin === 'remote' ? 'before' : 'after';
      this.move((range) => movedRange(operation, range, insertion));
      if (origin === 'remote') this.log.push({ version, operation });
      else this.unsaved.push(operation);
    }
    this.log.splice(0, this.log.length - REMEMBERED);
    if (pending === 0) this.unsaved = [];
    this.version = version;
    for (const [userId, range] of this.early) if (range.version <= version) this.place(userId, range);
  }

  /** What the room knows of everybody's selections. */
  selected(selections: ReadonlyMap<string, Selection>): void {
    for (const [userId, selection] of selections) {
      if (this.seen.get(userId) === selection) continue;
      const [range] = selection.ranges;
      if (isSentRange(range)) this.place(userId, range);
      else if (isPlainRange(range)) this.place(userId, { from: range.anchor, to: range.head, version: this.version });
    }
    for (const userId of this.seen.keys()) if (!selections.has(userId)) this.forget(userId);
    this.seen = selections;
  }

  private place(userId: string, sent: SentRange): void {
    this.early.delete(userId);
    if (sent.version > this.version) {
      this.early.set(userId, sent);
      return;
    }
    let range: TextRange = { anchor: sent.from, head: sent.to };
    for (const { version, operation } of this.log) {
      if (version > sent.version) range = movedRange(operation, range, 'after');
    }
    for (const operation of this.unsaved) range = movedRange(operation, range, 'after');
    this.carets = new Map(this.carets).set(userId, range);
  }

  private forget(userId: string): void {
    this.early.delete(userId);
    this.carets = new Map([...this.carets].filter(([user]) => user !== userId));
  }

  private move(moved: (range: TextRange) => TextRange): void {
    this.carets = new Map([...this.carets].map(([user, range]) => [user, moved(range)]));
  }
}

function movedRange(operation: TextOperation, { anchor, head }: TextRange, insertion: Insertion): TextRange {
  return { anchor: movedBy(operation, anchor, insertion), head: movedBy(operation, head, insertion) };
}

function isSentRange(range: unknown): range is SentRange {
  return isRecord(range) && [range['from'], range['to'], range['version']].every(isCount);
}

/** Of another program. */
function isPlainRange(range: unknown): range is TextRange {
  return isRecord(range) && [range['anchor'], range['head']].every(isCount);
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

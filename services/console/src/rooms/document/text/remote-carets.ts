import type { Selection } from '@parley/client';
import { isRecord } from '../../../session/json.js';
import type { TextRange } from './editor-binding.js';
import { movedBy, type TextStep } from './text-operation.js';

/**
 * As it goes over the wire: where somebody's caret is in the text of that version, in code points. (A range that has only `anchor` and
 * `head` goes as a binary frame, which has no room for the version.)
 */
export interface SentRange {
  readonly from: number;
  readonly to: number;
  readonly version: number;
}

interface Logged extends TextStep {
  /** Of the document, when it was done. */
  readonly version: number;
}

/** For ranges that arrive late: so many changes are remembered. */
const REMEMBERED = 500;

/**
 * The carets of the others. They are told when somebody puts theirs by hand, and now and then; all else follows from the changes: who
 * types stands behind what they typed. A range is about the text of a version, and here the text is exactly that of a version only
 * while nothing of this user's is on its way. A range of a version that was here like that is brought up to now by all that has been
 * done since; any other waits for the next such moment.
 */
export class RemoteCarets {
  private carets: ReadonlyMap<string, TextRange> = new Map();
  private seen: ReadonlyMap<string, Selection> = new Map();
  private readonly held = new Map<string, SentRange>();
  private log: readonly Logged[] = [];
  /** How many changes, of all that there have been, had been done when the text was exactly that of the version. */
  private readonly exact = new Map<number, number>();
  /** How many have been forgotten. */
  private forgotten = 0;

  constructor(
    private version: number,
    private pending: number,
  ) {
    if (pending === 0) this.exact.set(version, 0);
  }

  /** By user id; the same value until something in it changes. */
  get all(): ReadonlyMap<string, TextRange> {
    return this.carets;
  }

  /** The text has changed, or what others know of it: it is at this version now, with so much that is on its way. */
  changed(steps: readonly TextStep[], version: number, pending: number): void {
    for (const step of steps) this.move((range) => movedRange(step, range));
    this.log = [...this.log, ...steps.map((step) => ({ ...step, version }))];
    this.version = version;
    this.pending = pending;
    this.trim();
    if (pending > 0) return;
    this.exact.set(version, this.forgotten + this.log.length);
    for (const [userId, range] of this.held) this.place(userId, range);
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
    this.held.delete(userId);
    const since = this.since(sent.version);
    if (since === undefined) {
      this.held.set(userId, sent);
      return;
    }
    const told: TextRange = { anchor: sent.from, head: sent.to };
    const range = since.reduce((place, step) => movedRange(step, place), told);
    this.carets = new Map(this.carets).set(userId, range);
  }

  /** What has been done since the text was that of the version; undefined: it has to wait. */
  private since(version: number): readonly Logged[] | undefined {
    const at = this.exact.get(version);
    if (at !== undefined) return this.log.slice(at - this.forgotten);
    if (version > this.version || this.pending > 0) return undefined;
    // It was passed while something was on its way: what others did after it is as near as can be told.
    return this.log.filter((step) => step.origin === 'remote' && step.version > version);
  }

  private trim(): void {
    const surplus = this.log.length - REMEMBERED;
    if (surplus <= 0) return;
    this.log = this.log.slice(surplus);
    this.forgotten += surplus;
    for (const [version, at] of this.exact) if (at < this.forgotten) this.exact.delete(version);
  }

  private forget(userId: string): void {
    this.held.delete(userId);
    this.carets = new Map([...this.carets].filter(([user]) => user !== userId));
  }

  private move(moved: (range: TextRange) => TextRange): void {
    this.carets = new Map([...this.carets].map(([user, range]) => [user, moved(range)]));
  }
}

/** What others insert exactly at a caret is most likely typed there by its owner. */
function movedRange({ operation, origin }: TextStep, { anchor, head }: TextRange): TextRange {
  const insertion = origin === 'remote' ? 'before' : 'after';
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

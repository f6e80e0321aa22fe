import {
  bothWays,
  changeBetween,
  endOf,
  movedBy,
  pointsBefore,
  unitsBefore,
  type TextOperation,
  type TextStep,
} from './text-operation.js';

/** As much of a textarea, or of a text input, as is used. */
export interface Field {
  value: string;
  readonly selectionStart: number | null;
  readonly selectionEnd: number | null;
  readonly selectionDirection: 'forward' | 'backward' | 'none' | null;
  setSelectionRange(start: number, end: number, direction?: 'forward' | 'backward' | 'none'): void;
}

/** A text that others change too. */
export interface SharedText {
  /** As it is now. */
  read(): string;
  /** Throws when the change can't be made. */
  edit(operation: TextOperation): void;
}

/** In code points; `head` is the end that moves. */
export interface TextRange {
  readonly anchor: number;
  readonly head: number;
}

/**
 * Keeps a text field and a shared text the same, in both directions, with the caret where its user left it. While an input method
 * composes, the field is not touched and nothing is sent: what others do meanwhile is held, and what was composed is fitted to it.
 */
export class EditorBinding {
  /** What the field was last known to show; while composing, what it showed before. */
  private shown: string;
  private composing = false;
  private held: TextOperation[] = [];
  private sending = false;
  /** The selection that is nobody's doing but ours. */
  private settled: TextRange | undefined;

  constructor(
    private readonly field: Field,
    private readonly text: SharedText,
    private readonly refused: (error: unknown) => void,
  ) {
    this.shown = text.read();
    field.value = display(this.shown);
  }

  /** The user has changed the field. */
  input(): void {
    if (!this.composing) this.send();
  }

  compositionStart(): void {
    this.composing = true;
  }

  compositionEnd(): void {
    if (!this.composing) return;
    this.composing = false;
    this.send();
  }

  /** The shared text has changed; `read()` is what the steps have led to. */
  changed(steps: readonly TextStep[]): void {
    if (this.sending || steps.length === 0) return;
    if (this.composing) {
      this.held.push(...steps.map(({ operation }) => operation));
      return;
    }
    let { anchor, head } = this.range();
    for (const { operation, origin } of steps) {
      if (origin === 'undo') anchor = head = endOf(operation);
      else {
        anchor = movedBy(operation, anchor, 'after');
        head = movedBy(operation, head, 'after');
      }
    }
    this.show(anchor, head);
  }

  /**
   * Where the user has put the caret by hand, once; undefined when it only stands where typing or the changes of others have
   * left it, which everybody can work out.
   */
  takeSelection(): TextRange | undefined {
    if (this.composing) return undefined;
    const range = this.range();
    if (range.anchor === this.settled?.anchor && range.head === this.settled.head) return undefined;
    this.settled = range;
    return range;
  }

  /** In the text as it is shown. */
  range(): TextRange {
    const { selectionStart, selectionEnd, selectionDirection } = this.field;
    const start = this.pointAt(selectionStart ?? 0);
    const end = this.pointAt(selectionEnd ?? 0);
    return selectionDirection === 'backward' ? { anchor: end, head: start } : { anchor: start, head: end };
  }

  private send(): void {
    const value = wellFormed(this.field.value);
    const caret = this.field.selectionEnd ?? value.length;
    const { held } = this;
    this.held = [];
    let operation = changeBetween(display(this.shown), value, caret);
    if (operation.length === 0 && held.length === 0) return;
    let position = pointsBefore(value, caret);
    for (const other of held) {
      const fitted = bothWays(other, operation);
      position = movedBy(fitted.first, position, 'after');
      operation = fitted.second;
    }
    this.submit(operation);
    this.show(position, position);
  }

  private submit(operation: TextOperation): void {
    if (operation.length === 0) return;
    this.sending = true;
    try {
      this.text.edit(operation);
    } catch (error) {
      this.refused(error);
    } finally {
      this.sending = false;
    }
  }

  private show(anchor: number, head: number): void {
    this.shown = this.text.read();
    const value = display(this.shown);
    const one = unitsBefore(value, anchor);
    const other = unitsBefore(value, head);
    // Setting what is there already would still forget the caret, and what the field could undo by itself.
    if (this.field.value !== value) {
      this.field.value = value;
      const direction = other < one ? 'backward' : 'forward';
      this.field.setSelectionRange(Math.min(one, other), Math.max(one, other), direction);
    }
    this.settled = this.range();
  }

  private pointAt(unit: number): number {
    return pointsBefore(this.field.value, unit);
  }
}

/** Fields know one line end only. What stands for another is as long, so that positions are the same. */
export function display(text: string): string {
  return text.includes('\r') ? text.replace(/\r(?=\n)/g, '\u200b').replaceAll('\r', '\n') : text;
}

/** Half a pair is no text; a field can be left with one. */
function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
}

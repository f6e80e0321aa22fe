import type { DocumentChange, Room } from '@parley/client';
import { Store } from '../../../session/store.js';
import { EditorBinding, type TextRange } from './editor-binding.js';
import { RemoteCarets } from './remote-carets.js';
import { textOperationOf, type TextStep } from './text-operation.js';

/** What is drawn under the text field. */
export interface TextView {
  /** As the field shows it. */
  readonly text: string;
  /** Of the others, by user id. */
  readonly carets: ReadonlyMap<string, TextRange>;
}

/** What others could not place exactly, they are told again; at most so often. */
const TELL_AGAIN_MS = 500;

const NOBODY: ReadonlyMap<string, TextRange> = new Map();

/** A room's text in a text area: what is typed goes out, what others do comes in, and everybody's caret is known. */
export class TextController {
  readonly view = new Store<TextView>({ text: '', carets: NOBODY });

  constructor(
    private readonly room: Room,
    private readonly refused: (error: unknown) => void,
  ) {}

  /** Works the field until the returned function is called. */
  attach(field: HTMLTextAreaElement): () => void {
    return new Attached(this.room, field, this.view, this.refused).start();
  }
}

class Attached {
  private readonly binding: EditorBinding;
  private readonly carets: RemoteCarets;
  private arrived: TextStep[] = [];
  /** The others do not know where the caret is. */
  private untold = false;
  private entered = false;
  private again: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly room: Room,
    private readonly field: HTMLTextAreaElement,
    private readonly view: Store<TextView>,
    refused: (error: unknown) => void,
  ) {
    const read = (): string => (typeof room.document.content === 'string' ? room.document.content : '');
    this.binding = new EditorBinding(field, { read, edit: (operation) => room.document.edit(operation) }, refused);
    this.carets = new RemoteCarets(room.document.version, room.document.pending);
    this.carets.selected(room.selections);
  }

  start(): () => void {
    const { room, field } = this;
    const stop = new AbortController();
    const { signal } = stop;
    const stops = [
      room.on('change', (change) => this.happened(change)),
      room.on('document', () => this.changed()),
      room.on('selections', (selections) => this.others(selections)),
      // Who comes later has heard nothing of where everybody is.
      room.on('participants', () => this.tell()),
      room.on('status', (status) => status === 'joined' && this.tell()),
    ];
    field.addEventListener('input', () => this.typed(), { signal });
    field.addEventListener('compositionstart', () => this.binding.compositionStart(), { signal });
    field.addEventListener('compositionend', () => this.composed(), { signal });
    field.addEventListener('beforeinput', (event) => this.beforeInput(event), { signal });
    field.addEventListener('keydown', (event) => this.key(event), { signal });
    field.ownerDocument.addEventListener('selectionchange', () => this.selected(), { signal });
    this.show();
    return () => {
      clearTimeout(this.again);
      stop.abort();
      for (const end of stops) end();
    };
  }

  private typed(): void {
    this.binding.input();
    this.show();
  }

  private composed(): void {
    this.binding.compositionEnd();
    this.show();
  }

  private others(selections: Room['selections']): void {
    this.carets.selected(selections);
    this.show();
  }

  private happened({ operation, origin }: DocumentChange): void {
    const parsed = textOperationOf(operation);
    if (parsed !== undefined) this.arrived.push({ operation: parsed, origin });
  }

  /** The content is what the changes since the last time have made. */
  private changed(): void {
    const { version, pending } = this.room.document;
    const steps = this.arrived;
    this.arrived = [];
    this.binding.changed(steps);
    this.carets.changed(steps, version, pending);
    this.show();
    this.flush();
    if (steps.some(({ origin }) => origin === 'remote')) {
      this.again ??= setTimeout(() => {
        this.again = undefined;
        this.tell();
      }, TELL_AGAIN_MS);
    }
  }

  /** The field's own undo knows nothing of what others did. */
  private beforeInput(event: InputEvent): void {
    if (event.inputType === 'historyUndo') this.step(event, 'undo');
    else if (event.inputType === 'historyRedo') this.step(event, 'redo');
  }

  private key(event: KeyboardEvent): void {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === 'y' || (key === 'z' && event.shiftKey)) this.step(event, 'redo');
    else if (key === 'z') this.step(event, 'undo');
  }

  private step(event: Event, way: 'undo' | 'redo'): void {
    event.preventDefault();
    if (this.room.document.canEdit) this.room.document[way]();
  }

  private selected(): void {
    if (this.field.ownerDocument.activeElement !== this.field) return;
    this.entered = true;
    if (this.binding.takeSelection() !== undefined) this.tell();
  }

  private tell(): void {
    this.untold = this.entered;
    this.flush();
  }

  /** Positions are those of a version, so everything that was typed has to be in it. */
  private flush(): void {
    const { status, document } = this.room;
    if (!this.untold || status !== 'joined' || document.pending > 0) return;
    this.untold = false;
    const { anchor, head } = this.binding.range();
    this.room.updateSelection([{ from: anchor, to: head, version: document.version }]);
  }

  private show(): void {
    const before = this.view.get();
    const next = { text: this.field.value, carets: this.carets.all };
    if (before.text !== next.text || before.carets !== next.carets) this.view.set(next);
  }
}

import { textType } from '@parley/ot/text';
import { beforeEach, describe, expect, test } from 'vitest';
import { EditorBinding, type Field, type SharedText } from './editor-binding.js';
import { textOperationOf, type TextOperation, type TextStep } from './text-operation.js';

class FakeField implements Field {
  private text = '';
  selectionStart = 0;
  selectionEnd = 0;
  selectionDirection: 'forward' | 'backward' | 'none' = 'none';
  written = 0;

  get value(): string {
    return this.text;
  }

  /** As a browser has it: line ends are one, and the caret goes to the end. */
  set value(value: string) {
    this.text = value.replace(/\r\n?/g, '\n');
    this.written += 1;
    this.selectionStart = this.selectionEnd = this.text.length;
  }

  setSelectionRange(start: number, end: number, direction: 'forward' | 'backward' | 'none' = 'none'): void {
    this.selectionStart = Math.min(start, this.text.length);
    this.selectionEnd = Math.min(end, this.text.length);
    this.selectionDirection = direction;
  }

  /** The user types over the selection. */
  type(text: string): void {
    const start = this.selectionStart + text.length;
    this.text = this.text.slice(0, this.selectionStart) + text + this.text.slice(this.selectionEnd);
    this.setSelectionRange(start, start);
  }
}

class FakeText implements SharedText {
  readonly sent: TextOperation[] = [];
  problem: Error | undefined;

  constructor(public content: string) {}

  read(): string {
    return this.content;
  }

  edit(operation: TextOperation): void {
    if (this.problem !== undefined) throw this.problem;
    this.sent.push(operation);
    this.apply(operation);
  }

  apply(operation: TextOperation): void {
    this.content = textType.use((type) => {
      const [content, parsed] = [type.parseContent(this.content), type.parseOperation(operation)];
      if (!content.ok || !parsed.ok) throw new Error('does not parse');
      const after = type.apply(content.value, parsed.value);
      if (!after.ok) throw new Error(after.error.message);
      return String(type.contentToJson(after.value));
    });
  }
}

let field: FakeField;
let text: FakeText;
let editor: EditorBinding;
let refused: unknown[];

function open(content: string): void {
  [field, text, refused] = [new FakeField(), new FakeText(content), []];
  editor = new EditorBinding(field, text, (error) => refused.push(error));
}

function happens(operation: unknown, origin: TextStep['origin'] = 'remote'): void {
  const parsed = textOperationOf(operation);
  if (parsed === undefined) throw new Error('no operation');
  text.apply(parsed);
  editor.changed([{ operation: parsed, origin }]);
}

beforeEach(() => open('hello'));

describe('typing', () => {
  test('is sent as operations, and the field is left alone', () => {
    field.setSelectionRange(5, 5);
    field.type('!');
    editor.input();
    field.setSelectionRange(0, 2, 'forward');
    field.type('J');
    editor.input();
    expect([text.sent, text.content, field.value, field.written]).toEqual([
      [
        [5, '!'],
        ['J', { d: 2 }],
      ],
      'Jllo!',
      'Jllo!',
      1,
    ]);
  });

  test('that is refused is taken back', () => {
    text.problem = new Error('read only');
    field.setSelectionRange(0, 0);
    field.type('x');
    editor.input();
    expect([field.value, refused]).toEqual(['hello', [text.problem]]);
  });

  test('of half a pair becomes text that can be sent', () => {
    field.setSelectionRange(0, 0);
    field.type('\ud83d');
    editor.input();
    expect(text.content).toBe('\ufffdhello');
  });
});

describe('what others do', () => {
  test('shows, and leaves the selection at the same letters', () => {
    field.setSelectionRange(1, 3, 'backward');
    happens(['oh ', 3, 'XX', { d: 1 }]);
    expect([field.value, field.selectionStart, field.selectionEnd]).toEqual(['oh helXXo', 4, 6]);
    expect(field.selectionDirection).toBe('backward');
    expect(editor.range()).toEqual({ anchor: 6, head: 4 });
  });

  test('exactly at the caret comes after it', () => {
    field.setSelectionRange(2, 2);
    happens([2, 'XX']);
    expect(editor.range()).toEqual({ anchor: 2, head: 2 });
  });

  test('undo puts the caret where it changed something', () => {
    happens([1, 'abc'], 'undo');
    expect(editor.range()).toEqual({ anchor: 4, head: 4 });
  });

  test('is counted in code points, and the field in units', () => {
    field.setSelectionRange(1, 1);
    happens(['😀😀']);
    expect([field.selectionStart, editor.range().head]).toEqual([5, 3]);
  });
});

describe('an input method', () => {
  test('is not disturbed by others, and fits in when it is done', () => {
    field.setSelectionRange(5, 5);
    editor.compositionStart();
    field.type('k');
    editor.input();
    happens(['oh, ']);
    field.setSelectionRange(5, 6);
    field.type('か');
    editor.input();
    happens([9, ' you']);
    expect([field.value, text.sent]).toEqual(['helloか', []]);
    editor.compositionEnd();
    // Who was there first comes first.
    expect([text.content, text.sent]).toEqual(['oh, hello youか', [[13, 'か']]]);
    expect([field.value, editor.range().head]).toEqual([text.content, 14]);
  });

  test('given up, what others did shows', () => {
    editor.compositionStart();
    happens(['oh, ']);
    editor.compositionEnd();
    expect([field.value, text.sent]).toEqual(['oh, hello', []]);
  });

  test('that tells its end before its input changes nothing twice', () => {
    editor.compositionStart();
    field.type('あ');
    editor.compositionEnd();
    editor.input();
    expect(text.sent).toEqual([[5, 'あ']]);
  });
});

test('only what the user has selected by hand is told, once', () => {
  field.setSelectionRange(2, 4);
  expect([editor.takeSelection(), editor.takeSelection()]).toEqual([{ anchor: 2, head: 4 }, undefined]);
  happens(['oh ']);
  expect(editor.takeSelection()).toBeUndefined();
  field.type('X');
  editor.input();
  expect(editor.takeSelection()).toBeUndefined();
  field.setSelectionRange(0, 0);
  expect(editor.takeSelection()).toEqual({ anchor: 0, head: 0 });
});

test('line ends of other systems stay as they are', () => {
  open('one\r\ntwo\rthree');
  expect(field.value).toBe('one\u200b\ntwo\nthree');
  field.setSelectionRange(field.value.length, field.value.length);
  field.type('!');
  editor.input();
  expect(text.content).toBe('one\r\ntwo\rthree!');
});

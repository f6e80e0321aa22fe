import type { OperationalType } from '../document-type.js';
import { json } from '../json.js';
import { checkJson } from '../json-value.js';
import { parseRichTextContent } from '../rich-text-operation.js';
import { richText } from '../rich-text.js';
import { text } from '../text.js';
import type { Dice } from './dice.js';
import { jsonEdit, someJson } from './json-edits.js';
import { richTextEdit } from './rich-text-edits.js';
import { someText, textEdit } from './text-edits.js';

/** A type together with what makes documents and changes of it; all of that is JSON. */
export interface Subject<C, O> {
  readonly type: OperationalType<C, O>;
  start(dice: Dice): unknown;
  /** An operation that fits `content`. */
  edit(content: unknown, dice: Dice): unknown;
}

export interface SubjectEntry {
  readonly name: string;
  use<R>(work: <C, O>(subject: Subject<C, O>) => R): R;
}

function entry<C, O>(subject: Subject<C, O>): SubjectEntry {
  return { name: subject.type.name, use: (work) => work(subject) };
}

export const subjects: readonly SubjectEntry[] = [
  entry({
    type: text,
    start: (dice) => someText(dice) + someText(dice),
    edit: (content, dice) => textEdit(typeof content === 'string' ? content : '', dice),
  }),
  entry({
    type: json,
    start: (dice) => ({ list: [someJson(dice), someJson(dice)], text: someText(dice), a: { b: dice.below(9) } }),
    edit(content, dice) {
      const parsed = checkJson(content);
      return parsed.ok ? jsonEdit(parsed.value, dice) : null;
    },
  }),
  entry({
    type: richText,
    start: (dice) => ({ ops: [{ insert: someText(dice) }, { insert: someText(dice), attributes: { bold: true } }] }),
    edit(content, dice) {
      const parsed = parseRichTextContent(content);
      return richTextEdit(parsed.ok ? parsed.value : [], dice);
    },
  }),
];

import { Delta, type RichTextPart } from '../rich-text-operation.js';
import type { Dice } from './dice.js';
import { someText } from './text-edits.js';

function attributes(dice: Dice, canRemove: boolean): Record<string, unknown> {
  const some: Record<string, unknown> = {};
  if (dice.chance(2)) some['bold'] = canRemove && dice.chance(3) ? null : true;
  if (dice.chance(3)) some['color'] = canRemove && dice.chance(3) ? null : dice.pick('red', 'blue');
  if (dice.chance(8)) some['link'] = { href: dice.pick('/', '/a') };
  return some;
}

/** A delta that fits a document of these inserts. */
export function richTextEdit(content: readonly RichTextPart[], dice: Dice): { ops: RichTextPart[] } {
  const characters = content.flatMap((part) => (typeof part.insert === 'string' ? Array.from(part.insert) : ['.']));
  const delta = new Delta();
  let at = 0;
  const next = (most: number): number => {
    const taken = characters.slice(at, at + dice.below(most + 1));
    at += taken.length;
    return taken.join('').length;
  };
  for (let places = 1 + dice.below(3); places > 0; places -= 1) {
    delta.retain(next(characters.length - at));
    const change = dice.below(6);
    if (change < 2) delta.insert(someText(dice), attributes(dice, false));
    else if (change === 2) delta.insert({ image: dice.pick('a.png', 'b.png') }, attributes(dice, false));
    else if (change === 3) delta.delete(next(5));
    else delta.retain(next(5), attributes(dice, true));
  }
  return { ops: delta.ops };
}

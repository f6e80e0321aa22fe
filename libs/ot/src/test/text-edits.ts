import type { Dice } from './dice.js';

const LETTERS = ['a', 'b', 'c', ' ', 'é', '漢', '😀', '👩‍🚀'] as const;

export function someText(dice: Dice): string {
  return Array.from({ length: 1 + dice.below(4) }, () => dice.pick(...LETTERS)).join('');
}

/** An ot-text-unicode operation that fits `content`. */
export function textEdit(content: string, dice: Dice): unknown[] {
  const operation: unknown[] = [];
  let left = Array.from(content).length;
  for (let places = 1 + dice.below(3); places > 0; places -= 1) {
    const skipped = dice.below(left + 1);
    if (skipped > 0) operation.push(skipped);
    left -= skipped;
    if (left > 0 && dice.chance(2)) {
      const deleted = 1 + dice.below(Math.min(left, 5));
      operation.push({ d: deleted });
      left -= deleted;
    } else operation.push(someText(dice));
  }
  return operation;
}

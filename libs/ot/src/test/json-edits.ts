import { editOp, insertOp, moveOp, removeOp, type as library } from 'ot-json1';
import { believedJson, type JsonOperation } from '../json-operation.js';
import { json } from '../json.js';
import { childOf, type Json } from '../json-value.js';
import type { Dice } from './dice.js';
import { someText, textEdit } from './text-edits.js';

type Path = (string | number)[];

const KEYS = ['a', 'b', 'c', 'list', 'text'] as const;

export function someJson(dice: Dice, depth = 0): Json {
  switch (dice.below(depth > 1 ? 4 : 7)) {
    case 0:
      return dice.below(10);
    case 1:
      return dice.pick(true, false, null);
    case 2:
    case 3:
      return someText(dice);
    case 4:
      return Array.from({ length: dice.below(3) }, () => someJson(dice, depth + 1));
    default: {
      const object: Record<string, Json> = {};
      for (let count = dice.below(3); count > 0; count -= 1) object[dice.pick(...KEYS)] = someJson(dice, depth + 1);
      return object;
    }
  }
}

/** An ot-json1 operation that fits `content`: mostly one change, at times several in one. */
export function jsonEdit(content: Json, dice: Dice): JsonOperation {
  let operation = change(content, dice);
  for (let more = dice.chance(4) ? 1 + dice.below(2) : 0; more > 0; more -= 1) {
    const changed = json.apply(content, operation);
    if (changed.ok) operation = believedJson(library.compose(operation, change(changed.value, dice)));
  }
  return operation;
}

function change(content: Json, dice: Dice): JsonOperation {
  const path = somePlace(content, dice);
  const value = valueAt(content, path);
  const kind = dice.below(8);
  if (typeof value === 'string' && kind < 6) return believedJson(editOp(path, 'text-unicode', textEdit(value, dice)));
  if (typeof value === 'number' && kind < 6) return believedJson(editOp(path, 'number', dice.below(7) - 3));
  if (kind === 0 && path.length > 0) return believedJson(removeOp(path));
  if (kind === 1 && path.length > 0) return replacement(path, dice);
  if (kind < 4) return move(content, path, dice);
  const free = freePlace(content, dice);
  return free === undefined ? null : believedJson(insertOp(free, someJson(dice)));
}

function replacement(path: Path, dice: Dice): JsonOperation {
  const writer = library.writeCursor();
  writer.at(path, () => {
    writer.write('r', true);
    writer.write('i', someJson(dice));
  });
  return believedJson(writer.get());
}

function move(content: Json, from: Path, dice: Dice): JsonOperation {
  if (from.length === 0) return null;
  const without = json.apply(content, believedJson(removeOp(from)));
  const to = without.ok ? freePlace(without.value, dice) : undefined;
  return to === undefined ? null : believedJson(moveOp(from, to));
}

function somePlace(content: Json, dice: Dice): Path {
  const path: Path = [];
  for (let value: Json | undefined = content; ;) {
    const keys = keysOf(value);
    const key = keys[dice.below(keys.length + 1)];
    if (key === undefined) return path;
    path.push(key);
    value = childOf(value, key);
  }
}

/** Where something can be inserted. */
function freePlace(content: Json, dice: Dice): Path | undefined {
  for (let tries = 4; tries > 0; tries -= 1) {
    const path = somePlace(content, dice);
    const value = valueAt(content, path);
    if (Array.isArray(value)) return [...path, dice.below(value.length + 1)];
    const key = dice.pick(...KEYS);
    if (typeof value === 'object' && value !== null && childOf(value, key) === undefined) return [...path, key];
  }
  return undefined;
}

function keysOf(value: Json | undefined): Path {
  if (Array.isArray(value)) return [...value.keys()];
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}

function valueAt(content: Json, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((value, key) => childOf(value, key), content);
}

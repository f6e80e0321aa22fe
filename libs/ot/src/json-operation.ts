import { fail, ok, type Outcome } from '@parley/contracts';
import { type as library } from 'ot-json1';
import {
  checkJson,
  isCount,
  isList,
  isRecord,
  isReservedKey,
  isWellFormed,
  MAX_DEPTH,
  type Json,
} from './json-value.js';
import { parseTextOperation, type TextOperation } from './text-operation.js';

/** What happens at one place of the tree, as ot-json1 has it: pick up or remove, then drop or insert, then edit. */
export interface JsonComponent {
  p?: number;
  r?: true;
  d?: number;
  i?: Json;
  es?: TextOperation;
  /** Added to a whole number. */
  ena?: number;
}
export type JsonDescent = (string | number | JsonComponent | JsonDescent)[];
/** Null does nothing. */
export type JsonOperation = JsonDescent | null;

const MAX_INDEX = 2 ** 31 - 1;
/** Lists, keys, components and parts of text edits. What the library does with them grows with their square. */
export const MAX_PARTS = 3_000;

/** The library refuses and normalizes; before it sees anything, its recursion and its loops are bounded here. */
export function parseJsonOperation(json: unknown): Outcome<JsonOperation, 'invalid'> {
  if (json === null) return ok(null);
  if (!isList(json)) return fail('invalid', 'a JSON operation is null or a list');
  const reader = new Reader();
  const descent = reader.descent(json, 0);
  if (descent === null) return fail('invalid', reader.problem);
  try {
    library.checkValidOp(descent);
    return ok(believedJson(library.normalize(descent)));
  } catch (error) {
    return fail('invalid', error instanceof Error && error.message !== '' ? error.message : 'is not a JSON operation');
  }
}

class Reader {
  problem = 'is not a JSON operation';
  private parts = 0;

  descent(list: readonly unknown[], outerDepth: number): JsonDescent | null {
    const read: JsonDescent = [];
    let depth = outerDepth;
    for (const item of list) {
      this.parts += 1;
      if (this.parts > MAX_PARTS) return this.refuse(`an operation has at most ${MAX_PARTS} parts`);
      if (typeof item === 'string' || typeof item === 'number') depth += 1;
      if (depth > MAX_DEPTH) return this.refuse('is nested too deeply');
      // An inner list begins with a key, so this recursion is as deep as the path is long.
      const part = isList(item) ? this.innerDescent(item, depth) : this.keyOrComponent(item, depth);
      if (part === null) return null;
      read.push(part);
    }
    return read;
  }

  private innerDescent(list: readonly unknown[], depth: number): JsonDescent | null {
    const [first] = list;
    return typeof first === 'string' || typeof first === 'number'
      ? this.descent(list, depth)
      : this.refuse('an inner list begins with a key');
  }

  private keyOrComponent(item: unknown, depth: number): string | number | JsonComponent | null {
    if (isCount(item, 0, MAX_INDEX)) return item;
    if (typeof item === 'string') {
      return isReservedKey(item) || !isWellFormed(item) ? this.refuse('has a key that is not allowed') : item;
    }
    return isRecord(item) ? this.component(item, depth) : this.refuse('is neither key, component nor list');
  }

  private component(record: Readonly<Record<string, unknown>>, depth: number): JsonComponent | null {
    const component: JsonComponent = {};
    for (const [name, value] of Object.entries(record)) {
      if (!this.readField(component, name, value, depth)) return null;
    }
    if (component.p !== undefined && component.r) return this.refuse('picks up what it removes');
    if (component.d !== undefined && component.i !== undefined) return this.refuse('drops where it inserts');
    if (component.es !== undefined && component.ena !== undefined) return this.refuse('edits text and number at once');
    // Adding nothing is no edit; the library takes an empty text edit for one and leaves it out.
    if (component.ena === 0) {
      delete component.ena;
      component.es = [];
    }
    return component;
  }

  private readField(component: JsonComponent, name: string, value: unknown, depth: number): boolean {
    switch (name) {
      case 'p':
      case 'd':
        if (!isCount(value, 0, MAX_PARTS)) return this.no('a slot is a small whole number');
        component[name] = value;
        return true;
      case 'r':
        // Some clients say what they remove; it makes no difference to anyone.
        component.r = true;
        return true;
      case 'i':
        return this.readInsert(component, value, depth);
      case 'es':
        return this.readTextEdit(component, value);
      case 'ena':
        if (!Number.isSafeInteger(value) || typeof value !== 'number') return this.no('only whole numbers are added');
        component.ena = value === 0 ? 0 : value;
        return true;
      default:
        return this.no(`there is no ${JSON.stringify(name.slice(0, 20))} in a component`);
    }
  }

  private readInsert(component: JsonComponent, value: unknown, depth: number): boolean {
    const inserted = checkJson(value, depth);
    if (!inserted.ok) return this.no(inserted.error.message);
    component.i = inserted.value;
    return true;
  }

  private readTextEdit(component: JsonComponent, value: unknown): boolean {
    const edit = parseTextOperation(value);
    if (!edit.ok) return this.no(edit.error.message);
    this.parts += edit.value.length;
    component.es = edit.value;
    return true;
  }

  private refuse(problem: string): null {
    this.problem = problem;
    return null;
  }

  private no(problem: string): false {
    this.problem = problem;
    return false;
  }
}

/** The library's own components may hold embedded edits of other types; what we have parsed never leads to one. */
type LibraryOperation = ReturnType<typeof library.normalize>;

export function believedJson(operation: LibraryOperation | undefined): JsonOperation {
  return isOurs(operation) ? operation : null;
}

function isOurs(operation: LibraryOperation | undefined): operation is JsonDescent {
  return operation !== null && operation !== undefined;
}

export function componentsOf(operation: JsonOperation): JsonComponent[] {
  return (operation ?? []).flatMap((part) => {
    if (typeof part !== 'object') return [];
    return Array.isArray(part) ? componentsOf(part) : [part];
  });
}

export function partsOfJson(operation: JsonOperation): number {
  let parts = 0;
  for (const part of operation ?? []) {
    if (Array.isArray(part)) parts += partsOfJson(part);
    else parts += 1 + (typeof part === 'object' ? (part.es?.length ?? 0) : 0);
  }
  return parts;
}

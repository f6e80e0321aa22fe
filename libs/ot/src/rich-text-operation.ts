import { fail, ok, type Outcome } from '@parley/contracts';
import library, { type Op } from 'quill-delta';
import { bytesOfText, checkJson, isCount, isList, isRecord, isWellFormed, measure } from './json-value.js';
import { MAX_PARTS } from './text-operation.js';

export const Delta = library.default;

/** The parts of a Quill delta, in its shortest form. */
export type RichTextPart = Op;

const MAX_LENGTH = 2 ** 26;
const MAX_ATTRIBUTES = 32;
const MAX_ATTRIBUTE_BYTES = 4_096;
/** Nested attributes and embeds are compared and copied often. */
const MAX_VALUE_DEPTH = 90;

/** A change: `{ops: […]}` as Quill writes it, or the bare list. Retained embeds need handlers, which we have none of. */
export function parseRichTextOperation(json: unknown): Outcome<RichTextPart[], 'invalid'> {
  const list = listOf(json);
  if (list === undefined) return fail('invalid', 'a rich-text operation is {ops: […]} or a list');
  if (list.length > MAX_PARTS) return fail('invalid', `an operation has at most ${MAX_PARTS} parts`);
  const delta = new Delta();
  let reach = 0;
  for (const [index, item] of list.entries()) {
    const part = parsePart(item);
    if (!part.ok) return fail('invalid', part.error.message, { field: `ops.${index}` });
    if (part.value === undefined) continue;
    reach += spanOf(part.value);
    if (reach > MAX_LENGTH) return fail('invalid', 'reaches beyond any document', { field: `ops.${index}` });
    delta.push(part.value);
  }
  return ok(delta.chop().ops);
}

/** A whole document consists of inserts alone. */
export function parseRichTextContent(json: unknown): Outcome<RichTextPart[], 'invalid'> {
  const list = listOf(json);
  if (list === undefined) return fail('invalid', 'the content of a rich text is {ops: […]} or a list');
  const delta = new Delta();
  for (const [index, item] of list.entries()) {
    const part = parsePart(item);
    if (!part.ok) return fail('invalid', part.error.message, { field: `ops.${index}` });
    if (part.value === undefined) continue;
    if (part.value.insert === undefined) return fail('invalid', 'is not an insert', { field: `ops.${index}` });
    delta.push(part.value);
  }
  return ok(delta.ops);
}

function listOf(json: unknown): readonly unknown[] | undefined {
  const list = isRecord(json) && Object.hasOwn(json, 'ops') ? json['ops'] : json;
  return isList(list) ? list : undefined;
}

/** Undefined: it does nothing. */
function parsePart(item: unknown): Outcome<RichTextPart | undefined, 'invalid'> {
  if (!isRecord(item)) return fail('invalid', 'is not an object');
  const kinds = Object.keys(item).filter((key) => key !== 'attributes');
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) return fail('invalid', 'is not one insert, retain or delete');
  const attributes = parseAttributes(item['attributes'], kind);
  if (!attributes.ok) return attributes;
  const value = item[kind];
  switch (kind) {
    case 'insert':
      return parseInsert(value, attributes.value);
    case 'retain':
    case 'delete':
      if (!isCount(value, 0, MAX_LENGTH)) return fail('invalid', `${kind} is a count`);
      return ok(value === 0 ? undefined : { [kind]: value, ...attributes.value });
    default:
      return fail('invalid', 'is not one insert, retain or delete');
  }
}

function parseInsert(value: unknown, attributes: Pick<Op, 'attributes'>): Outcome<RichTextPart | undefined, 'invalid'> {
  if (typeof value === 'string') {
    if (!isWellFormed(value)) return fail('invalid', 'is not well-formed text');
    return ok(value === '' ? undefined : { insert: value, ...attributes });
  }
  if (!isRecord(value) || Object.keys(value).length !== 1) return fail('invalid', 'an embed has one key');
  const embed = checkJson(value, 100 - MAX_VALUE_DEPTH);
  return embed.ok ? ok({ insert: { ...value }, ...attributes }) : embed;
}

function parseAttributes(value: unknown, kind: string): Outcome<Pick<Op, 'attributes'>, 'invalid'> {
  if (value === undefined || value === null) return ok({});
  if (!isRecord(value) || kind === 'delete') return fail('invalid', 'has attributes that do not belong there');
  const entries = Object.entries(value);
  if (entries.length > MAX_ATTRIBUTES) return fail('invalid', `there are at most ${MAX_ATTRIBUTES} attributes`);
  const checked = checkJson(value, 100 - MAX_VALUE_DEPTH);
  if (!checked.ok) return checked;
  if (measure(checked.value).bytes > MAX_ATTRIBUTE_BYTES) return fail('invalid', 'has attributes that are too long');
  // Null takes an attribute away; what is new has none to take.
  const kept = kind === 'insert' ? entries.filter(([, attribute]) => attribute !== null) : entries;
  return ok(kept.length === 0 ? {} : { attributes: Object.fromEntries(kept) });
}

/** Of what is there, how much it covers, in UTF-16 units. */
export function spanOf(part: RichTextPart): number {
  if (part.insert !== undefined) return 0;
  return typeof part.retain === 'number' ? part.retain : (part.delete ?? 0);
}

/** Of an insert, as JSON. */
export function bytesOfPart(part: RichTextPart): number {
  const inserted = typeof part.insert === 'string' ? bytesOfText(part.insert) : bytesOfValue(part.insert);
  return inserted + 12 + (part.attributes === undefined ? 0 : bytesOfValue(part.attributes) + 14);
}

function bytesOfValue(value: unknown): number {
  const json = checkJson(value);
  return json.ok ? measure(json.value).bytes : 0;
}

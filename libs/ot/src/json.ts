import { fail, ok, type Outcome } from '@parley/contracts';
import { type as library } from 'ot-json1';
import { entryOf, type OperationalType, type Side } from './document-type.js';
import { jsonDifference } from './json-difference.js';
import { copiesOf, editsFit, movesOf, picksFit } from './json-fit.js';
import { believedJson, componentsOf, parseJsonOperation, partsOfJson, type JsonOperation } from './json-operation.js';
import { checkJson, measure, MAX_DEPTH, sameJson, type Json } from './json-value.js';

/** Any JSON under ot-json1, the text within it under ot-text-unicode. */
export const json: OperationalType<Json, JsonOperation> = {
  name: 'json',
  parseContent: (value) => checkJson(value),
  parseOperation: parseJsonOperation,
  contentToJson: (content) => content,
  operationToJson: (operation) => operation,
  apply: applyJson,
  transform: transformJson,
  compose: (first, second) => withoutIdleEdits(believedJson(library.compose(first, second))),
  invert: invertJson,
  difference: jsonDifference,
  isNoop: (operation) => operation === null,
  parts: partsOfJson,
  applyWork: copiesOf,
  size: (content) => measure(content).bytes,
};

/** As clients are given it. */
export const jsonType = /* @__PURE__ */ entryOf(json);

function applyJson(content: Json, operation: JsonOperation): Outcome<Json, 'invalid'> {
  if (operation === null) return ok(content);
  if (!picksFit(operation, content)) return fail('invalid', 'takes what is not there');
  try {
    return applyFitting(content, operation);
  } catch (error) {
    return fail('invalid', error instanceof Error ? error.message : 'does not fit the content');
  }
}

function applyFitting(content: Json, operation: NonNullable<JsonOperation>): Outcome<Json, 'invalid'> {
  const moves = movesOf(operation);
  const moved = moves === null ? content : library.apply(content, moves);
  if (moved === undefined) return fail('invalid', 'leaves nothing of the document');
  if (!editsFit(operation, moved)) return fail('invalid', 'edits what is not there, or not of that kind');
  const hasEdits = componentsOf(operation).some(
    (component) => component.es !== undefined || component.ena !== undefined,
  );
  const result = hasEdits ? library.apply(content, operation) : moved;
  if (result === undefined || measure(result).depth > MAX_DEPTH) return fail('invalid', 'nests the content too deeply');
  return ok(result);
}

/**
 * The library's inversion is wrong for some edits of what is moved or inserted at the same time. It keeps moves together,
 * so it is preferred where it is right; the difference of the contents always is.
 */
function invertJson(operation: JsonOperation, before: Json): JsonOperation {
  const after = applyJson(before, operation);
  if (!after.ok) throw new Error(after.error.message);
  const inverse = libraryInverse(operation, before);
  const again = inverse === undefined ? undefined : applyJson(after.value, inverse);
  const isRight = again?.ok === true && sameJson(again.value, before);
  return isRight && inverse !== undefined ? inverse : jsonDifference(after.value, before);
}

function libraryInverse(operation: JsonOperation, before: Json): JsonOperation | undefined {
  try {
    return withoutIdleEdits(believedJson(library.invertWithDoc(operation, before)));
  } catch {
    return undefined;
  }
}

/** Conflicts that one pair of operations may have; the library itself would go on for as long as it finds any. */
const MAX_CONFLICTS = 100;

function transformJson(operation: JsonOperation, other: JsonOperation, side: Side): JsonOperation {
  if (operation === null || other === null) return operation;
  const plain = library.tryTransform(operation, other, side);
  if (plain.ok) return believedJson(plain.result);
  let conflicts = 0;
  const bounded = library.typeAllowingConflictsPred(() => (conflicts += 1) <= MAX_CONFLICTS);
  return believedJson(bounded.transform(operation, other, side));
}

/** Adding one and taking it away again leaves an edit that does nothing, which the library keeps. */
function withoutIdleEdits(operation: JsonOperation): JsonOperation {
  if (!componentsOf(operation).some((component) => component.ena === 0)) return operation;
  const parsed = parseJsonOperation(operation);
  return parsed.ok ? parsed.value : operation;
}

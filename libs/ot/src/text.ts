import { fail, ok, type Outcome } from '@parley/contracts';
import { makeType } from 'ot-text-unicode';
import { entryOf, type OperationalType } from './document-type.js';
import { isWellFormed } from './json-value.js';
import { sliceOfText, textContent, textOf, TextRewriter, type TextContent } from './text-content.js';
import { parseTextOperation, reachOf, textDifference, type TextOperation, type TextPart } from './text-operation.js';

const library = makeType<TextContent>({
  create: textContent,
  toString: textOf,
  builder: (content) => new TextRewriter(content),
  slice: (content, start, end = content.length) => sliceOfText(content, start, end - start),
});

/** Plain text under ot-text-unicode: content is a string, positions count code points. */
export const text: OperationalType<TextContent, TextOperation> = {
  name: 'text',
  parseContent(json) {
    if (typeof json !== 'string') return fail('invalid', 'the content of a text is a string');
    if (!isWellFormed(json)) return fail('invalid', 'is not well-formed text');
    return ok(textContent(json));
  },
  parseOperation: parseTextOperation,
  contentToJson: textOf,
  operationToJson: (operation) => operation,
  apply: applyText,
  transform: (operation, other, side) => believed(library.transform(operation, other, side)),
  compose: (first, second) => believed(library.compose(first, second)),
  invert: invertText,
  difference: (before, after) => textDifference(textOf(before), textOf(after)),
  isNoop: (operation) => operation.length === 0,
  parts: (operation) => operation.length,
  applyWork: (content, operation) => content.pieces.length + operation.length,
  size: (content) => content.bytes,
};

/** As clients are given it. */
export const textType = /* @__PURE__ */ entryOf(text);

function applyText(content: TextContent, operation: TextOperation): Outcome<TextContent, 'invalid'> {
  if (reachOf(operation) > content.length) return fail('invalid', 'reaches beyond the end of the text');
  return ok(library.apply(content, operation));
}

function invertText(operation: TextOperation, before: TextContent): TextOperation {
  let position = 0;
  const inverse: (TextPart | { d: string })[] = [];
  for (const part of operation) {
    if (typeof part === 'string') inverse.push({ d: part });
    else if (typeof part === 'number') {
      inverse.push(part);
      position += part;
    } else {
      inverse.push(sliceOfText(before, position, part.d));
      position += part.d;
    }
  }
  return believed(inverse);
}

/** What the library makes, in our type; its deletions may name their text instead of counting it. */
function believed(operation: (number | string | { d: number | string })[]): TextOperation {
  if (isCounted(operation)) return operation;
  const parsed = parseTextOperation(operation);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

function isCounted(operation: (number | string | { d: number | string })[]): operation is TextOperation {
  return operation.every((part) => typeof part !== 'object' || typeof part.d === 'number');
}

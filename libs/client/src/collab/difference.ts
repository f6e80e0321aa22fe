import type { DocumentTypeEntry } from '@parley/ot';
import { ParleyError } from '../transport/parley-error.js';

/** The operation between two contents, both JSON; undefined when they are the same. */
export function differenceBetween(entry: DocumentTypeEntry, before: unknown, after: unknown): unknown {
  return entry.use((type) => {
    const from = type.parseContent(before);
    const to = type.parseContent(after);
    if (!from.ok) throw new ParleyError('internal', from.error.message);
    if (!to.ok) throw new ParleyError('invalid', to.error.message);
    const operation = type.difference(from.value, to.value);
    return type.isNoop(operation) ? undefined : type.operationToJson(operation);
  });
}

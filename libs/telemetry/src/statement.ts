import type { Attributes } from '@opentelemetry/api';

const table = /\b(?:from|into|update|join)\s+(?:only\s+)?"?([a-z_][a-z0-9_]*)"?/i;

/** What the instrumentation leaves out of the semantic conventions: of what kind a statement is, and about what. */
export function describeStatement(text: string): Attributes {
  const operation = /^\s*(\w+)/.exec(text)?.[1]?.toUpperCase() ?? 'UNKNOWN';
  const collection = table.exec(text)?.[1];
  return {
    'db.operation.name': operation,
    'db.query.summary': collection === undefined ? operation : `${operation} ${collection}`,
    ...(collection === undefined ? {} : { 'db.collection.name': collection }),
  };
}

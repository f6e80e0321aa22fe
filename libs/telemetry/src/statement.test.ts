import { expect, it } from 'vitest';
import { describeStatement } from './statement.js';

it.each([
  ['SELECT id FROM "messages" WHERE id = $1', 'SELECT', 'messages'],
  ['insert into outbox (a) values ($1)', 'INSERT', 'outbox'],
  ['UPDATE shard_leases SET owner = $1', 'UPDATE', 'shard_leases'],
  ['with gone as (delete from rows where x returning id) select 1', 'WITH', 'rows'],
  ['BEGIN', 'BEGIN', undefined],
])('%s', (text, operation, collection) => {
  expect(describeStatement(text)).toEqual({
    'db.operation.name': operation,
    'db.query.summary': collection === undefined ? operation : `${operation} ${collection}`,
    ...(collection === undefined ? {} : { 'db.collection.name': collection }),
  });
});

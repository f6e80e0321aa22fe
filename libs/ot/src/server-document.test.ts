import { describe, expect, it } from 'vitest';
import { json } from './json.js';
import type { JsonOperation } from './json-operation.js';
import type { Json } from './json-value.js';
import {
  defaultServerDocumentLimits,
  openServerDocument,
  type LogEntry,
  type ServerDocument,
  type ServerDocumentLimits,
} from './server-document.js';
import { text } from './text.js';

function open(content = 'abc', limits: Partial<ServerDocumentLimits> = {}): ServerDocument<string> {
  const log: LogEntry<string>[] = [];
  const opened = openServerDocument(text, { content, version: 1, log }, { ...defaultServerDocumentLimits, ...limits });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

function entry(version: number, operation: unknown): LogEntry<string> {
  return { baseVersion: version - 1, version, text: JSON.stringify(operation), tag: `op${version}` };
}

describe('staging', () => {
  it('transforms past what is committed and what is staged before it', () => {
    const document = open();
    expect(document.stage(['1'], 1, 'a')).toEqual({
      result: 'staged',
      entry: { baseVersion: 1, version: 2, text: '["1"]', tag: 'a' },
    });
    document.commit();
    expect(document.stage(['2'], 1, 'b')).toMatchObject({ entry: { version: 3, text: '[1,"2"]' } });
    expect(document.stage(['3'], 1, 'c')).toMatchObject({ entry: { version: 4, text: '[2,"3"]' } });
    document.commit();
    expect([document.version, document.content()]).toEqual([4, '123abc']);
  });

  it('shows nothing of it before the commit', () => {
    const document = open();
    document.stage(['x'], 1, 'a');
    expect([document.version, document.stagedVersion, document.content()]).toEqual([1, 2, 'abc']);
    expect(document.operationsSince(1)).toEqual([]);
  });

  it('forgets it on a rollback, as if it had never been', () => {
    const document = open();
    document.stage(['x'], 1, 'a');
    document.rollback();
    expect([document.version, document.stagedVersion, document.content()]).toEqual([1, 1, 'abc']);
    expect(document.stage([3, 'y'], 1, 'b')).toMatchObject({ entry: { version: 2, text: '[3,"y"]' } });
  });

  it('commits up to a version and keeps the rest staged', () => {
    const document = open();
    document.stage(['1'], 1, 'a');
    document.stage(['2'], 1, 'b');
    document.commit(2);
    expect([document.version, document.stagedVersion, document.content()]).toEqual([2, 3, '1abc']);
    document.commit();
    expect(document.content()).toBe('12abc');
    expect(() => document.commit(9)).toThrow(RangeError);
  });
});

describe('refusals', () => {
  it('of a version that is not there yet, be it staged', () => {
    const document = open();
    document.stage(['x'], 1, 'a');
    expect(document.stage(['y'], 2, 'b')).toEqual({
      result: 'version_mismatch',
      reason: 'ahead',
      currentVersion: 1,
    });
  });

  it('of a version older than the log', () => {
    const document = open('', { maxLogOperations: 2 });
    for (let version = 1; version < 5; version += 1) {
      document.stage(['x'], version, 'a');
      document.commit();
    }
    expect(document.oldestVersion).toBe(3);
    expect(document.stage(['y'], 2, 'b')).toMatchObject({
      result: 'version_mismatch',
      reason: 'behind',
      currentVersion: 5,
    });
    expect(document.stage(['y'], 3, 'b')).toMatchObject({ result: 'staged' });
  });

  it('of more transforming than one submission may cost', () => {
    const document = open('abc', { maxTransformWork: 6 });
    for (let version = 1; version < 4; version += 1) {
      document.stage(['x'], version, 'a');
      document.commit();
    }
    expect(document.stage([1, 'y'], 1, 'b')).toMatchObject({ result: 'version_mismatch', reason: 'behind' });
    expect(document.stage([1, 'y'], 2, 'b')).toMatchObject({ result: 'staged' });
  });

  it('of passing what has many parts itself', () => {
    const document = open('abc', { maxTransformWork: 6 });
    document.stage(['x', 1, 'y', 1, 'z', 1], 1, 'a');
    expect(document.stage(['b'], 1, 'b')).toMatchObject({ result: 'staged' });
    const longer = open('abc', { maxTransformWork: 5 });
    longer.stage(['x', 1, 'y', 1, 'z'], 1, 'a');
    expect(longer.stage(['b'], 1, 'b')).toMatchObject({ result: 'version_mismatch', reason: 'behind' });
    longer.commit();
    expect(longer.stage(['b'], 1, 'b')).toMatchObject({ result: 'version_mismatch', reason: 'behind' });
  });

  it('of what copies too much of the document', () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `k${String(index).padStart(5, '0')}`);
    const content = Object.fromEntries(keys.map((key) => [key, 0]));
    const opened = openServerDocument<Json, JsonOperation, string>(json, { content, version: 1, log: [] });
    if (!opened.ok) throw new Error(opened.error.message);
    const edits = (count: number): unknown => keys.slice(0, count).map((key) => [key, { ena: 1 }]);
    expect(opened.value.stage(edits(2), 1, 'a')).toMatchObject({ result: 'staged' });
    expect(opened.value.stage(edits(6), 1, 'b')).toMatchObject({ result: 'invalid' });
  });

  it('of what is no operation, or does not fit', () => {
    const document = open();
    expect(document.stage([-1], 1, 'a')).toMatchObject({ result: 'invalid', field: '0' });
    expect(document.stage([4, 'x'], 1, 'a')).toMatchObject({ result: 'invalid' });
    expect(document.stagedVersion).toBe(1);
  });

  it('of a document longer than it may be, while what shortens it is welcome', () => {
    const document = open('x'.repeat(20), { maxContentBytes: 10 });
    expect(document.stage(['y'], 1, 'a')).toEqual({ result: 'too_large' });
    expect(document.stage([{ d: 5 }], 1, 'b')).toMatchObject({ result: 'staged' });
  });

  it('of what the library throws at while transforming', () => {
    const breaking = {
      ...json,
      transform: () => {
        throw new Error('no way');
      },
    };
    const opened = openServerDocument(breaking, { content: {}, version: 1, log: [entry(1, null)] });
    if (!opened.ok) throw new Error(opened.error.message);
    opened.value.stage(['a', { i: 1 }], 1, 'a');
    expect(opened.value.stage(['b', { i: 1 }], 1, 'b')).toEqual({ result: 'invalid', message: 'no way' });
    opened.value.commit();
    expect(opened.value.content()).toEqual({ a: 1 });
  });
});

describe('the log', () => {
  it('says how much it keeps', () => {
    const document = open('', { maxLogBytes: 20 });
    const kept: number[] = [];
    for (let version = 1; version < 5; version += 1) {
      document.stage(['12345'], version, 'a');
      document.commit();
      kept.push(document.logBytes);
    }
    expect(kept).toEqual([9, 18, 18, 18]);
  });

  it('gives what came after a version, while it is kept', () => {
    const document = open('', { maxLogBytes: 12 });
    for (let version = 1; version < 5; version += 1) {
      document.stage(['x'], version, `op${version + 1}`);
      document.commit();
    }
    expect(document.oldestVersion).toBe(3);
    expect(document.operationsSince(2)).toBeUndefined();
    expect(document.operationsSince(3)?.map(({ tag }) => tag)).toEqual(['op4', 'op5']);
    expect(document.operationsSince(5)).toEqual([]);
    expect(document.operationsSince(6)).toBeUndefined();
  });

  it('rebuilds the document, and serves what was made on versions before the snapshot', () => {
    const log = [entry(2, ['1']), entry(3, [1, '2']), entry(4, [2, '3'])];
    const opened = openServerDocument(text, { content: '12abc', version: 3, log });
    if (!opened.ok) throw new Error(opened.error.message);
    expect([opened.value.version, opened.value.oldestVersion, opened.value.content()]).toEqual([4, 1, '123abc']);
    expect(opened.value.stage(['4'], 1, 'late')).toMatchObject({ entry: { version: 5, text: '[3,"4"]' } });
  });

  it.each([
    ['begins after the content', [entry(5, ['x'])]],
    ['has a gap', [entry(4, ['x']), entry(6, ['x'])]],
    ['ends before the content', [entry(2, ['x'])]],
    ['does not fit', [entry(4, [50, 'x'])]],
    ['is not JSON', [{ ...entry(4, []), text: '{' }]],
  ])('is refused when it %s', (_, log) => {
    expect(openServerDocument(text, { content: 'abc', version: 3, log })).toMatchObject({ ok: false });
  });
});

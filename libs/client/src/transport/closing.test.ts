import { describe, expect, test } from 'vitest';
import { verdictOn } from './closing.js';
import { ParleyError } from './parley-error.js';

const rejected = new ParleyError('unauthorized', 'rejected');
const limited = new ParleyError('limit_exceeded', 'too many', { retryable: true });

describe('what a close means for coming back', () => {
  test.each([1001, 1005, 1006, 1011, 1012, 1013, 1014, 3000, 4999])('%i: come back later', (code) => {
    expect(verdictOn({ code, reason: '' }, undefined)).toMatchObject({ kind: 'retry', error: { code: 'unavailable' } });
  });

  test.each([1000, 1002, 1003, 1007, 1008, 1009, 1010, 4002])('%i: not wanted back', (code) => {
    const { kind, error } = verdictOn({ code, reason: 'why' }, undefined);
    expect([kind, error.retryable, error.details.closeCode]).toEqual(['stop', false, code]);
    expect(error.message).toContain('why');
  });

  test('4001, and 1008 after a rejected token: with a fresh one', () => {
    expect(verdictOn({ code: 4001, reason: '' }, undefined)).toMatchObject({ kind: 'renew' });
    expect(verdictOn({ code: 1008, reason: '' }, rejected)).toEqual({ kind: 'renew', error: rejected });
  });

  test('1008 for a limit that passes: later', () => {
    expect(verdictOn({ code: 1008, reason: '' }, limited)).toEqual({ kind: 'retry', error: limited });
  });
});

import { expect, test } from 'vitest';
import { closeReason } from './connection.js';

test('a close reason is cut to what a close frame holds, between characters', () => {
  expect(closeReason('going away')).toBe('going away');
  expect(closeReason('x'.repeat(123))).toHaveLength(123);
  expect(closeReason('x'.repeat(200))).toHaveLength(123);
  const cut = closeReason('ä'.repeat(100));
  expect(cut).toBe('ä'.repeat(61));
  expect(closeReason('🙂'.repeat(100))).toBe('🙂'.repeat(30));
});

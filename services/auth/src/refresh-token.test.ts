import { newLoginId } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import { hashRefreshToken, judge, newRefreshToken, rotate, type RefreshToken } from './refresh-token.js';

const graceMs = 10_000;

function token(change: Partial<RefreshToken>): RefreshToken {
  const base = { hash: hashRefreshToken('a'), loginId: newLoginId(), expiresAt: new Date(1_000_000), use: undefined };
  return { ...base, ...change };
}

function usedAt(at: number): RefreshToken {
  return token({ use: { at: new Date(at), salt: Buffer.alloc(32), successorHash: Buffer.alloc(32) } });
}

describe('a refresh token', () => {
  it('is 256 random bits', () => {
    const tokens = new Set(Array.from({ length: 100 }, newRefreshToken));
    expect(tokens.size).toBe(100);
    for (const made of tokens) expect(Buffer.from(made, 'base64url')).toHaveLength(32);
  });

  it('has one successor per salt, which needs both the token and the salt', () => {
    const first = newRefreshToken();
    const { token: successor, hash, salt } = rotate(first);
    expect(hash).toEqual(hashRefreshToken(successor));
    expect(Buffer.from(successor, 'base64url')).toHaveLength(32);
    expect(rotate(first, salt).token).toBe(successor);
    expect(rotate(first).token).not.toBe(successor);
    expect(rotate(newRefreshToken(), salt).token).not.toBe(successor);
  });

  it('is fresh until it is used or expires', () => {
    expect(judge(token({}), false, 999_999, graceMs)).toBe('fresh');
    expect(judge(token({}), false, 1_000_000, graceMs)).toBe('expired');
  });

  it('may be shown again within the grace while its successor is unused', () => {
    expect(judge(usedAt(1_000), false, 10_999, graceMs)).toBe('retry');
    expect(judge(usedAt(1_000), true, 1_001, graceMs)).toBe('reused');
    expect(judge(usedAt(1_000), false, 11_000, graceMs)).toBe('reused');
  });

  it('has no second use at all without a grace', () => {
    expect(judge(usedAt(1_000), false, 1_000, 0)).toBe('reused');
  });
});

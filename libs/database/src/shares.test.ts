import { expect, test } from 'vitest';
import { shareOf } from './shares.js';

test('shares add up to the whole and differ by one at most, whoever reckons', () => {
  for (let count = 1; count <= 70; count++) {
    const members = Array.from({ length: count }, (_, i) => `replica-${String(i)}`);
    const shares = members.map((member) =>
      shareOf(
        member,
        members.filter((other) => other !== member),
        64,
      ),
    );
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(64);
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
  }
});

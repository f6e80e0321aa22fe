import type { UserId } from '@parley/contracts';

/** Dark enough for white text on it, light enough for black around it. */
const SATURATION = 0.65;
const LIGHTNESS = 0.45;
const HUES = 360;

/** `#rrggbb`: always the same for a user, and spread over all hues. */
export function colorOf(userId: UserId): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < userId.length; i++) hash = Math.imul(hash ^ userId.charCodeAt(i), 0x01000193);
  const hue = (hash >>> 0) % HUES;
  return `#${[0, 8, 4].map((offset) => channel(hue, offset)).join('')}`;
}

/** One of red, green and blue of a hue, as CSS Color defines `hsl()`. */
function channel(hue: number, offset: number): string {
  const k = (offset + hue / 30) % 12;
  const swing = SATURATION * Math.min(LIGHTNESS, 1 - LIGHTNESS);
  const value = LIGHTNESS - swing * Math.max(-1, Math.min(k - 3, 9 - k, 1));
  return Math.round(value * 255)
    .toString(16)
    .padStart(2, '0');
}

/** Deep nesting is cheap to send and dear to whoever walks it: what will be written as JSON again has at most so many levels. */
export const MAX_DEPTH = 32;

export function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

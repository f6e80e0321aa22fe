import { isIPv4, isIPv6 } from 'node:net';

/**
 * The part of a client's address that one person cannot change at will: all of an IPv4 address, the /64 of an IPv6 one.
 * An IPv4 address mapped into IPv6 is the IPv4 address. What is no address at all is taken as it stands.
 */
export function addressKey(address: string): string {
  const bare = address.split('%', 1)[0] ?? '';
  if (isIPv4(bare) || !isIPv6(bare)) return bare.toLowerCase();
  const groups = expand(bare);
  const [a, b, c, d, e, f, g = 0, h = 0] = groups;
  const mapped = [a, b, c, d, e].every((group) => group === 0) && f === 0xffff;
  if (mapped) return [g >> 8, g & 255, h >> 8, h & 255].join('.');
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

/** The eight groups of a valid IPv6 address. */
function expand(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const before = groupsOf(head);
  if (tail === undefined) return before;
  const after = groupsOf(tail);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  return [...before, ...zeros, ...after];
}

function groupsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [(a << 8) | b, (c << 8) | d];
  });
}

import type { DemoAccount } from './console-config.js';

const FIRST = ['amber', 'brave', 'calm', 'eager', 'gentle', 'lucky', 'merry', 'quick', 'sunny', 'witty'] as const;
const SECOND = ['badger', 'finch', 'heron', 'lynx', 'marten', 'otter', 'robin', 'swift', 'tern', 'wren'] as const;

/** A name that can be said aloud, and a password that nobody needs to know: the account lasts as long as its login. */
export function guestAccount(random: (bytes: Uint8Array) => Uint8Array = fill): DemoAccount {
  const [a = 0, b = 0, c = 0, d = 0, ...secret] = random(new Uint8Array(24));
  const number = String((c * 256 + d) % 10_000).padStart(4, '0');
  const password = secret.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return { username: `${nth(FIRST, a)}_${nth(SECOND, b)}_${number}`, password };
}

function nth(words: readonly string[], byte: number): string {
  return words[byte % words.length] ?? 'guest';
}

function fill(bytes: Uint8Array): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(bytes.length));
}

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SubjectTrie } from './subject-trie.js';

const token = fc.constantFrom('a', 'b', 'c', '$x');
const subject = fc.array(token, { minLength: 1, maxLength: 5 }).map((tokens) => tokens.join('.'));
const pattern = fc
  .tuple(fc.array(fc.oneof(token, fc.constant('*')), { minLength: 1, maxLength: 5 }), fc.boolean())
  .map(([tokens, open]) => (open ? [...tokens.slice(0, -1), '>'] : tokens).join('.'));

/** What NATS says of wildcards, as plainly as possible. */
function matches(wanted: string, given: string): boolean {
  const expression = wanted
    .split('.')
    .map((part) => (part === '*' ? '[^.]+' : part === '>' ? '.+' : part.replace('$', '\\$')))
    .join('\\.');
  return new RegExp(`^${expression}$`).test(given);
}

test('finds exactly the patterns that match, whatever was added and removed before', () => {
  fc.assert(
    fc.property(fc.uniqueArray(pattern), fc.uniqueArray(pattern), subject, (kept, removed, given) => {
      const trie = new SubjectTrie<string>();
      for (const one of [...removed, ...kept]) trie.set(one, one);
      const gone = removed.filter((one) => !kept.includes(one));
      for (const one of gone) trie.delete(one);
      expect(trie.match(given).sort()).toEqual(kept.filter((one) => matches(one, given)).sort());
    }),
    { numRuns: 2_000 },
  );
});

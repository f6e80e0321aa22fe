/** Whether `pattern` covers `topic`: `*` is one token, a last `>` one or more. */
export function covers(pattern: string, topic: string): boolean {
  if (pattern === topic) return true;
  const wanted = pattern.split('.');
  const tokens = topic.split('.');
  const open = wanted.at(-1) === '>';
  const fixed = open ? wanted.slice(0, -1) : wanted;
  if (open ? tokens.length <= fixed.length : tokens.length !== fixed.length) return false;
  return fixed.every((token, index) => token === '*' || token === tokens[index]);
}

import canonicalize from 'canonicalize';

/** RFC 8785: the one text of a JSON value, whatever order its keys came in. Throws for what is not JSON. */
export function canonicalText(json: unknown): string {
  const text = canonicalize(json);
  if (text === undefined) throw new TypeError('not JSON');
  return text;
}

/** What `documentState.checksum` and an operation's `checksum` are; `sha256` gives lower-case hex of the text's UTF-8. */
export function checksumOf<R extends string | Promise<string>>(json: unknown, sha256: (text: string) => R): R {
  return sha256(canonicalText(json));
}

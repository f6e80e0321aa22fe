import { fail, ok, type Outcome } from '@parley/contracts';

/**
 * What people wrote, as Postgres can keep it and everybody else will read it: a lone surrogate becomes U+FFFD, here
 * rather than somewhere on the way; U+0000 is refused. Fields that are absent or null stay so.
 */
export function storable<T extends Readonly<Record<string, string | null | undefined>>>(
  fields: T,
): Outcome<{ readonly [K in keyof T]: T[K] }, 'invalid'> {
  const result = { ...fields };
  for (const field in fields) {
    const text = fields[field];
    if (typeof text !== 'string') continue;
    if (text.includes('\0')) return fail('invalid', 'must not hold the character U+0000', { field });
    Object.assign(result, { [field]: wellFormed(text) });
  }
  return ok(result);
}

function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the fields that are undefined. */
export function given<T extends object>(fields: T): Given<T> {
  const result: Given<T> = {};
  for (const field in fields) {
    if (fields[field] !== undefined) Object.assign(result, { [field]: fields[field] });
  }
  return result;
}

import { fail, ok, type Outcome } from '@parley/contracts';

/** The JSON that came with a request. */
export function parseBody(body: Uint8Array | undefined, field: string): Outcome<unknown, 'invalid'> {
  if (body === undefined) return fail('invalid', `${field} is missing`, { field });
  try {
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
    const value: unknown = JSON.parse(text);
    return ok(value);
  } catch {
    return fail('invalid', `${field} is not JSON`, { field });
  }
}

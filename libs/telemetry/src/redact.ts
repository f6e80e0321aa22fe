import { pino } from 'pino';

const REDACTED = '[redacted]';
const MAX_DEPTH = 6;
const MAX_ITEMS = 100;
const MAX_TEXT = 16_384;

const secretKey =
  /pass(word|phrase|wd)?$|secret|token$|^authorization$|^cookie$|^set-cookie$|api[-_]?key|credential|private[-_]?key/i;

/** A copy for the log: bounded in depth and length, with the values of telling keys left out. */
export function redactFields(fields: Record<string, unknown>): Record<string, unknown> {
  return redactObject(fields, 0);
}

function redactObject(fields: object, depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    copy[key] = secretKey.test(key) && value !== undefined ? REDACTED : redactValue(value, depth + 1);
  }
  return copy;
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return '[…]';
  if (value instanceof Error) return redactObject(withoutRow(pino.stdSerializers.err(value)), depth);
  if (value instanceof Date) return value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item: unknown) => redactValue(item, depth + 1));
  return redactObject(value, depth);
}

/** Postgres quotes the row that it refuses, which may be what somebody wrote: `Failing row contains (…)`. */
function withoutRow(error: object): object {
  if (!('severity' in error) || !('detail' in error)) return error;
  return { ...error, detail: REDACTED, where: undefined };
}

const secretsInText: readonly (readonly [RegExp, string])[] = [
  // JSON Web Tokens start with {" in base64url.
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, REDACTED],
  [/\b(Bearer|Basic) +[\w.~+/-]{8,}=*/gi, `$1 ${REDACTED}`],
  [/(:\/\/[^\s:/@"]*:)[^\s/@"]+@/g, '$1***@'],
  [/([?&](?:access_|refresh_)?(?:token|secret|password|(?:api_?)?key)=)[^\s&"]+/gi, `$1${REDACTED}`],
];

/** Secrets inside a finished line, such as a URL in the text of an error. */
export function redactText(line: string): string {
  return secretsInText.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line);
}

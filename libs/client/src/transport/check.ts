/**
 * Checks of what comes over the wire, small enough for a browser. The types are those of the dialects (generated from the
 * schemas that the server itself uses); `shape` makes the compiler ask for a check of each of their fields.
 */
export type Check<T> = (value: unknown) => value is T;

export const isAnything: Check<unknown> = (value): value is unknown => value !== undefined;
export const isString: Check<string> = (value) => typeof value === 'string';
export const isNumber: Check<number> = (value) => typeof value === 'number';
export const isBoolean: Check<boolean> = (value) => typeof value === 'boolean';

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function shape<T extends object>(checks: { readonly [K in keyof T]-?: Check<T[K]> }): Check<T> {
  return (value): value is T => {
    if (!isRecord(value)) return false;
    for (const key in checks) {
      if (!checks[key](value[key])) return false;
    }
    return true;
  };
}

export function literal<const L extends string | number | boolean>(...allowed: readonly L[]): Check<L> {
  const known: ReadonlySet<unknown> = new Set(allowed);
  return (value): value is L => known.has(value);
}

export function list<T>(item: Check<T>): Check<T[]> {
  return (value): value is T[] => Array.isArray(value) && value.every((one) => item(one));
}

export function map<T>(item: Check<T>): Check<Record<string, T>> {
  return (value): value is Record<string, T> => isRecord(value) && Object.values(value).every((one) => item(one));
}

export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (value): value is T | undefined => value === undefined || check(value);
}

export function nullable<T>(check: Check<T>): Check<T | null> {
  return (value): value is T | null => value === null || check(value);
}

/** Undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

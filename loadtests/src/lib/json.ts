export type Fields = Record<string, unknown>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The same without the brands of ids, which only servers' checks can give. */
export type Plain<T> = T extends string
  ? Partial<Record<'x', 1>> extends Record<T, 1>
    ? string
    : T
  : T extends readonly (infer I)[]
    ? Plain<I>[]
    : T extends object
      ? { [K in keyof T]: Plain<T[K]> }
      : T;

/** Undefined for what is no object. */
export function parse(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function textIn(value: unknown, name: string): string {
  const field = isFields(value) ? value[name] : undefined;
  return typeof field === 'string' ? field : '';
}

/** Random, as any client's library makes them. */
export function uuid(): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(Math.random() * 16).toString(16)).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20)].join('-');
}

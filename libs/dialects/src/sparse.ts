/**
 * A Map and a Set for what most connections never have: nothing is made before the first entry. An empty Map takes 200
 * bytes, and a gateway has ten thousands of everything that each connection has one of.
 */
export class SparseMap<K, V> implements Iterable<[K, V]> {
  private entries: Map<K, V> | undefined;

  get size(): number {
    return this.entries?.size ?? 0;
  }

  get(key: K): V | undefined {
    return this.entries?.get(key);
  }

  has(key: K): boolean {
    return this.entries?.has(key) ?? false;
  }

  set(key: K, value: V): void {
    this.entries ??= new Map();
    this.entries.set(key, value);
  }

  delete(key: K): boolean {
    return this.entries?.delete(key) ?? false;
  }

  clear(): void {
    this.entries = undefined;
  }

  keys(): Iterable<K> {
    return this.entries?.keys() ?? [];
  }

  values(): Iterable<V> {
    return this.entries?.values() ?? [];
  }

  [Symbol.iterator](): Iterator<[K, V]> {
    return (this.entries ?? NOTHING)[Symbol.iterator]();
  }
}

export class SparseSet<T> implements Iterable<T> {
  private members: Set<T> | undefined;

  get size(): number {
    return this.members?.size ?? 0;
  }

  has(member: T): boolean {
    return this.members?.has(member) ?? false;
  }

  add(member: T): void {
    this.members ??= new Set();
    this.members.add(member);
  }

  delete(member: T): boolean {
    return this.members?.delete(member) ?? false;
  }

  [Symbol.iterator](): Iterator<T> {
    return (this.members ?? NOTHING)[Symbol.iterator]();
  }
}

const NOTHING: readonly never[] = [];

// SPDX-License-Identifier: CC0-1.0

/** Group the items of an array by a key into a typed Map of arrays. */
export function groupBy<T, K>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** Turn an array of objects into a Map by one of their properties, whose type is kept. */
export function indexBy<T, K extends keyof T>(items: Iterable<T>, key: K): Map<T[K], T> {
  const index = new Map<T[K], T>();
  for (const item of items) index.set(item[key], item);
  return index;
}

/** Sort an array of objects by a property, ascending or descending, without changing it. */
export function sortBy<T, K extends keyof T>(
  items: readonly T[],
  key: K,
  direction: "ascending" | "descending" = "ascending",
): T[] {
  const sign = direction === "ascending" ? 1 : -1;
  return [...items].sort((a, b) => sign * (a[key] < b[key] ? -1 : a[key] > b[key] ? 1 : 0));
}

/** Split an array by a type guard into two arrays, each with the right type. */
export function partition<T, S extends T>(
  items: Iterable<T>,
  guard: (item: T) => item is S,
): [S[], Exclude<T, S>[]] {
  const passed: S[] = [];
  const failed: Exclude<T, S>[] = [];
  for (const item of items) {
    if (guard(item)) passed.push(item);
    else failed.push(item as Exclude<T, S>);
  }
  return [passed, failed];
}

/** Pick some properties of an object; the result has exactly those in its type. */
export function pick<T extends object, K extends keyof T>(
  object: T,
  ...keys: readonly K[]
): Pick<T, K> {
  const result = {} as Pick<T, K>;
  for (const key of keys) result[key] = object[key];
  return result;
}

/** Transform the values of an object by a function and keep the type of its keys. */
export function mapValues<T extends object, R>(
  object: T,
  change: (value: T[keyof T], key: keyof T) => R,
): { [K in keyof T]: R } {
  const result = {} as { [K in keyof T]: R };
  for (const key of Object.keys(object) as (keyof T)[]) result[key] = change(object[key], key);
  return result;
}

/** A Map that creates a missing value by a function, like Python's defaultdict. */
export class DefaultMap<K, V> extends Map<K, V> {
  readonly #create: (key: K) => V;

  constructor(create: (key: K) => V) {
    super();
    this.#create = create;
  }

  override get(key: K): V {
    if (!this.has(key)) this.set(key, this.#create(key));
    return super.get(key) as V;
  }
}

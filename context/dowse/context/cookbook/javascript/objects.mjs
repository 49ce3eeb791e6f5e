// SPDX-License-Identifier: CC0-1.0

/** Check that two values are deeply equal: objects, arrays, dates, maps and sets of primitives. */
export function deepEqual(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || !a || !b) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Date) return a.getTime() === b.getTime();
  if (a instanceof Set) return a.size === b.size && [...a].every((item) => b.has(item));
  if (a instanceof Map) {
    const same = ([key, value]) => b.has(key) && deepEqual(value, b.get(key));
    return a.size === b.size && [...a].every(same);
  }
  const keys = Object.keys(a);
  const same = (key) => Object.hasOwn(b, key) && deepEqual(a[key], b[key]);
  return keys.length === Object.keys(b).length && keys.every(same);
}

/** Merge objects deeply into a new one; later values win, arrays are replaced. */
export function deepMerge(...sources) {
  const isPlain = (value) => Object.prototype.toString.call(value) === "[object Object]";
  const result = {};
  for (const source of sources) {
    for (const [key, value] of Object.entries(source)) {
      // A JSON text may hold this key, which would change the prototype.
      if (key === "__proto__") continue;
      const old = isPlain(result[key]) ? result[key] : {};
      result[key] = isPlain(value) ? deepMerge(old, value) : value;
    }
  }
  return result;
}

/** Freeze an object and everything in it, so that nothing can be changed. */
export function deepFreeze(value) {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

/** Clone an object deeply, with dates, maps, sets and cycles; functions raise an error. */
export function deepClone(value) {
  return structuredClone(value);
}

/** Get a value from nested objects by a path such as `user.emails.0`, or a default. */
export function getPath(object, path, fallback = undefined) {
  let value = object;
  for (const key of path.split(".")) {
    if (value === null || typeof value !== "object" || !Object.hasOwn(value, key)) return fallback;
    value = value[key];
  }
  return value;
}

/** Set a value in nested objects by a path such as `user.name` and return a changed copy. */
export function setPath(object, path, value) {
  const [key, ...rest] = path.split(".");
  const copy = Array.isArray(object) ? [...object] : { ...object };
  copy[key] = rest.length === 0 ? value : setPath(copy[key] ?? {}, rest.join("."), value);
  return copy;
}

/** Keep only some keys of an object. */
export function pick(object, ...keys) {
  return Object.fromEntries(keys.filter((key) => key in object).map((key) => [key, object[key]]));
}

/** Copy an object without some of its keys. */
export function omit(object, ...keys) {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/** Transform all values of an object by a function and keep its keys. */
export function mapValues(object, change) {
  const entries = Object.entries(object);
  return Object.fromEntries(entries.map(([key, value]) => [key, change(value, key)]));
}

/** Swap the keys and values of an object. */
export function invert(object) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [value, key]));
}

/** Flatten nested objects into one with dotted keys, such as `user.name`. */
export function flattenObject(object, prefix = "") {
  return Object.fromEntries(
    Object.entries(object).flatMap(([key, value]) =>
      value !== null && typeof value === "object"
        ? Object.entries(flattenObject(value, `${prefix}${key}.`))
        : [[prefix + key, value]],
    ),
  );
}

/** Parse JSON safely: a broken text gives the default instead of an exception. */
export function parseJson(text, fallback = null) {
  try {
    return JSON.parse(text);
  } catch {
    return fallback;
  }
}

/** Write JSON with sorted keys, so that equal objects give equal texts. */
export function stableStringify(value) {
  return JSON.stringify(value, (_, item) =>
    item !== null && typeof item === "object" && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

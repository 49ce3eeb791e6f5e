// SPDX-License-Identifier: CC0-1.0

/** Handle every case of a union by an exhaustive switch: a forgotten case does not compile. */
export function area(
  shape:
    | { kind: "circle"; radius: number }
    | { kind: "rectangle"; width: number; height: number },
): number {
  switch (shape.kind) {
    case "circle":
      return Math.PI * shape.radius ** 2;
    case "rectangle":
      return shape.width * shape.height;
    default: {
      const never: never = shape;
      throw new Error(`unknown shape ${JSON.stringify(never)}`);
    }
  }
}

/** Mark a place that cannot be reached, so that a forgotten case of a union does not compile. */
export function assertNever(value: never, message = "unexpected value"): never {
  throw new Error(`${message}: ${JSON.stringify(value)}`);
}

/** Type guard that removes null and undefined; use it as `items.filter(isPresent)`. */
export function isPresent<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}

/** Assert that a value is not null or undefined; afterwards the compiler knows it. */
export function assertPresent<T>(
  value: T | null | undefined,
  name = "value",
): asserts value is T {
  if (value === null || value === undefined) throw new Error(`${name} is missing`);
}

/** Type guard that checks that an unknown value is an object with a given property. */
export function hasProperty<K extends string>(
  value: unknown,
  key: K,
): value is Record<K, unknown> {
  return typeof value === "object" && value !== null && key in value;
}

/** Type guard for the members of a fixed list, such as `["red", "green"] as const`. */
export function isOneOf<const T extends readonly unknown[]>(
  choices: T,
  value: unknown,
): value is T[number] {
  return choices.includes(value);
}

/** Get the message of anything that was thrown; in a `catch` its type is unknown. */
export function errorMessage(error: unknown): string {
  if (error instanceof Error) return error.message;
  return typeof error === "string" ? error : JSON.stringify(error) ?? String(error);
}

/** List the keys of an object with their types, where `Object.keys` gives only strings. */
export function typedKeys<T extends object>(object: T): (keyof T & string)[] {
  return Object.keys(object) as (keyof T & string)[];
}

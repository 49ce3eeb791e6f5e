// SPDX-License-Identifier: CC0-1.0

/** Make all properties of a type optional, also those of nested objects (deep partial). */
export type DeepPartial<T> = T extends (infer U)[]
  ? DeepPartial<U>[]
  : T extends object
    ? { [K in keyof T]?: DeepPartial<T[K]> }
    : T;

/** Make all properties of a type read-only, also those of nested objects (deep readonly). */
export type DeepReadonly<T> = T extends (...args: never[]) => unknown
  ? T
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

/** Brand a type, so that a user id and an order id cannot be mixed up though both are strings. */
export type Brand<T, Name extends string> = T & { readonly __brand: Name };

/** Make some properties of a type required and leave the others as they are. */
export type WithRequired<T, K extends keyof T> = T & { [P in K]-?: T[P] };

/** Make some properties of a type optional and leave the others as they are. */
export type WithOptional<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>;

/** List the names of the properties of a type whose values have a given type. */
export type KeysOfType<T, Value> = {
  [K in keyof T]-?: T[K] extends Value ? K : never;
}[keyof T];

/** Show the dotted paths of all properties of a type, such as `"user.name"`. */
export type Path<T> = {
  [K in keyof T & string]: T[K] extends readonly unknown[]
    ? K
    : T[K] extends object
      ? K | `${K}.${Path<T[K]>}`
      : K;
}[keyof T & string];

/** The names of the parameters in a route such as `"/users/:id/posts/:post"` as a type. */
export type RouteParameters<Route extends string> =
  Route extends `${string}:${infer Name}/${infer Rest}`
    ? Name | RouteParameters<Rest>
    : Route extends `${string}:${infer Name}`
      ? Name
      : never;

/** Fill the parameters of a route; the compiler knows their names from the route itself. */
export function fillRoute<Route extends string>(
  route: Route,
  values: Record<RouteParameters<Route>, string | number>,
): string {
  const byName: Record<string, string | number> = values;
  return route.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(byName[name] ?? ""));
}

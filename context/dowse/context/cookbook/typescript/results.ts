// SPDX-License-Identifier: CC0-1.0

/** A result that is either a value or an error, so that callers cannot forget the error. */
export type Result<T, E = Error> = { ok: true; value: T } | { ok: false; error: E };

/** Call a function and turn an exception into an error result (Result type). */
export function attempt<T>(
  action: () => T,
): { ok: true; value: T } | { ok: false; error: Error } {
  try {
    return { ok: true, value: action() };
  } catch (thrown) {
    return { ok: false, error: thrown instanceof Error ? thrown : new Error(String(thrown)) };
  }
}

/** Await a promise and get a pair of error and value instead of an exception. */
export async function settle<T>(promise: Promise<T>): Promise<[Error, undefined] | [null, T]> {
  try {
    return [null, await promise];
  } catch (thrown) {
    return [thrown instanceof Error ? thrown : new Error(String(thrown)), undefined];
  }
}

/** A custom error class with a code and the cause of the error. */
export class AppError<Code extends string = string> extends Error {
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AppError";
    this.code = code;
  }
}

/** Parse JSON into a checked type: the guard decides whether the value has the right shape. */
export function parseJsonAs<T>(text: string, guard: (value: unknown) => value is T): T {
  const value: unknown = JSON.parse(text);
  if (!guard(value)) throw new TypeError("the JSON does not have the expected shape");
  return value;
}

/** Fetch JSON over HTTP with a timeout and check its type by a guard. */
export async function fetchAs<T>(
  url: string,
  guard: (value: unknown) => value is T,
  timeout = 10_000,
): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeout) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const value: unknown = await response.json();
  if (!guard(value)) throw new TypeError(`${url} answered with another shape than expected`);
  return value;
}

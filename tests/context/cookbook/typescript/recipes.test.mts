// Runs under a Node.js that strips types (22.18 and later); `tsc --strict` checks the types.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DefaultMap,
  groupBy,
  indexBy,
  mapValues,
  partition,
  pick,
  sortBy,
} from "../../../../context/dowse/context/cookbook/typescript/collections.ts";
import {
  createReducer,
  debounce,
  memoize,
  RequestBuilder,
  retry,
  StateMachine,
  TypedEmitter,
} from "../../../../context/dowse/context/cookbook/typescript/events_and_state.ts";
import {
  area,
  assertNever,
  assertPresent,
  errorMessage,
  hasProperty,
  isOneOf,
  isPresent,
  typedKeys,
} from "../../../../context/dowse/context/cookbook/typescript/guards.ts";
import {
  AppError,
  attempt,
  fetchAs,
  parseJsonAs,
  type Result,
  settle,
} from "../../../../context/dowse/context/cookbook/typescript/results.ts";
import {
  type Brand,
  type DeepPartial,
  type DeepReadonly,
  fillRoute,
  type KeysOfType,
  type Path,
  type RouteParameters,
  type WithOptional,
  type WithRequired,
} from "../../../../context/dowse/context/cookbook/typescript/types.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2
  ? true
  : false;
type User = { id: number; name?: string; address: { city: string; tags: string[] } };
const isNumber = (value: unknown): value is number => typeof value === "number";

test("types", () => {
  const partial: DeepPartial<User> = { address: {} };
  const fixed: DeepReadonly<User> = { id: 1, address: { city: "x", tags: [] } };
  // @ts-expect-error nested properties are read-only
  fixed.address.city = "y";
  // @ts-expect-error so are the items of arrays
  fixed.address.tags.push("y");
  type UserId = Brand<string, "UserId">;
  const id = "u1" as UserId;
  // @ts-expect-error a plain string is no user id
  const wrong: UserId = "u1";
  const required: WithRequired<User, "name"> = { ...fixed, name: "a", address: { city: "", tags: [] } };
  const optional: WithOptional<User, "id"> = { address: { city: "", tags: [] } };
  const checks: [
    Same<KeysOfType<User, number>, "id">,
    Same<Path<User>, "id" | "name" | "address" | "address.city" | "address.tags">,
    Same<RouteParameters<"/users/:id/posts/:post">, "id" | "post">,
    Same<(typeof required)["name"], string>,
  ] = [true, true, true, true];
  assert.ok(checks.every(Boolean) && partial && id === wrong && optional);
  assert.equal(fillRoute("/users/:id/posts/:post", { id: 7, post: "a/b" }), "/users/7/posts/a%2Fb");
  // @ts-expect-error a parameter is missing
  assert.equal(fillRoute("/users/:id", {}), "/users/");
});

test("guards", () => {
  assert.equal(area({ kind: "rectangle", width: 2, height: 3 }), 6);
  assert.equal(area({ kind: "circle", radius: 1 }), Math.PI);
  // @ts-expect-error an unknown shape
  assert.throws(() => area({ kind: "line" }), /unknown shape/);
  assert.throws(() => assertNever("x" as never, "bad state"), /bad state: "x"/);
  const present: number[] = [1, null, 0, undefined].filter(isPresent);
  assert.deepEqual(present, [1, 0]);
  const maybe: string | null = JSON.parse('"x"');
  assertPresent(maybe);
  assert.equal(maybe.length, 1);
  assert.throws(() => assertPresent(null, "user"), /user is missing/);
  assert.ok(hasProperty({ a: 1 }, "a") && !hasProperty(null, "a") && !hasProperty({}, "a"));
  const color: unknown = "red";
  const narrowed: "red" | "green" | null = isOneOf(["red", "green"], color) ? color : null;
  assert.equal(narrowed, "red");
  assert.ok(!isOneOf(["red"], "blue"));
  const messages = [new Error("a"), "b", { c: 1 }, undefined].map(errorMessage);
  assert.deepEqual(messages, ["a", "b", '{"c":1}', "undefined"]);
  const keys: ("a" | "b")[] = typedKeys({ a: 1, b: 2 });
  assert.deepEqual(keys, ["a", "b"]);
});

test("results", async () => {
  const result: Result<number> = attempt(() => 1);
  assert.deepEqual(result, { ok: true, value: 1 });
  const failed = attempt(() => JSON.parse("{"));
  assert.ok(!failed.ok && failed.error instanceof SyntaxError);
  assert.deepEqual(await settle(Promise.resolve(1)), [null, 1]);
  const [error, value] = await settle(Promise.reject("x"));
  assert.equal(error?.message, "x");
  assert.equal(value, undefined);
  const cause = new Error("low");
  const high = new AppError("NOT_FOUND", "no user", { cause });
  assert.ok(high instanceof Error && high.cause === cause && high.code === "NOT_FOUND");
  assert.equal(String(high), "AppError: no user");
  assert.equal(parseJsonAs("3", isNumber), 3);
  assert.throws(() => parseJsonAs('"3"', isNumber), TypeError);
  assert.equal(await fetchAs("data:application/json,3", isNumber), 3);
  await assert.rejects(fetchAs("data:application/json,null", isNumber), TypeError);
});

test("collections", () => {
  const rows = [{ id: 2, name: "b" }, { id: 1, name: "a" }];
  assert.deepEqual([...groupBy([1, 2, 3], (n) => n % 2 === 0)], [[false, [1, 3]], [true, [2]]]);
  const index: Map<number, { id: number; name: string }> = indexBy(rows, "id");
  assert.equal(index.get(1)?.name, "a");
  assert.deepEqual(sortBy(rows, "id").map((row) => row.id), [1, 2]);
  assert.deepEqual(sortBy(rows, "name", "descending").map((row) => row.id), [2, 1]);
  const [numbers, texts]: [number[], string[]] = partition([1, "a", 2], isNumber);
  assert.deepEqual([numbers, texts], [[1, 2], ["a"]]);
  const picked: { id: number } = pick(rows[0]!, "id");
  assert.deepEqual(picked, { id: 2 });
  const lengths: { a: number; b: number } = mapValues({ a: "x", b: "yy" }, (text) => text.length);
  assert.deepEqual(lengths, { a: 1, b: 2 });
  const lists = new DefaultMap<string, number[]>(() => []);
  lists.get("a").push(1);
  lists.get("a").push(2);
  assert.deepEqual([...lists], [["a", [1, 2]]]);
});

test("events and state", async (t) => {
  const emitter = new TypedEmitter<{ login: [name: string]; tick: [] }>();
  const heard: string[] = [];
  const off = emitter.on("login", (name) => heard.push(name));
  emitter.emit("login", "ada");
  emitter.emit("tick");
  // @ts-expect-error the argument has the wrong type
  emitter.emit("login", 3);
  off();
  emitter.emit("login", "bob");
  assert.deepEqual(heard, ["ada", 3]);
  const machine = new StateMachine("idle", { idle: ["busy"], busy: ["idle"], done: [] });
  machine.go("busy");
  assert.throws(() => machine.go("done"), /no transition from busy to done/);
  assert.equal(machine.state, "busy");
  type Action = { type: "add"; by: number } | { type: "reset" };
  const reduce = createReducer<number, Action>({ add: (n, { by }) => n + by, reset: () => 0 });
  assert.deepEqual([reduce(1, { type: "add", by: 2 }), reduce(5, { type: "reset" })], [3, 0]);
  const request = new RequestBuilder().with("url", "/a").with("method", "GET").build();
  assert.deepEqual(request, { url: "/a", method: "GET" });
  // @ts-expect-error the method is missing
  new RequestBuilder().with("url", "/a").build();
  const compute = t.mock.fn((n: number) => n * 2);
  const cached = memoize(compute);
  assert.equal(cached(2) + cached(2), 8);
  assert.equal(compute.mock.callCount(), 1);
  const done = await retry(async (n) => (n < 3 ? Promise.reject(new Error("no")) : n), { delay: 1 });
  assert.equal(done, 3);
  await assert.rejects(retry(() => Promise.reject(new Error("no")), { delay: 1 }), /no/);
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const later = debounce((text: string) => heard.push(text), 10);
  later("x");
  later("y");
  t.mock.timers.tick(10);
  assert.equal(heard.at(-1), "y");
});

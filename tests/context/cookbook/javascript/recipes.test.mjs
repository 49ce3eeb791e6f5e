import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, mock, test } from "node:test";
import { gunzipSync } from "node:zlib";

const folder = new URL("../../../../context/dowse/context/cookbook/javascript/", import.meta.url);
const load = (name) => import(new URL(`${name}.mjs`, folder));

const arrays = await load("arrays");
const async_ = await load("async");
const crypto = await load("crypto");
const dates = await load("dates");
const files = await load("files_and_processes");
const functions = await load("functions_and_caching");
const http = await load("http");
const objects = await load("objects");
const strings = await load("strings");
await load("dom"); // It needs a browser: here it is only parsed.

describe("dates", () => {
  const noon = new Date("2024-05-01T12:30:00Z");

  test("parse and format", () => {
    assert.deepEqual(dates.parseIsoDate("2024-05-01T14:30:00+02:00"), noon);
    for (const text of ["2024-05-01", "2024-05-01T12:30:00", "2024-13-01T00:00:00Z", "x"]) {
      assert.throws(() => dates.parseIsoDate(text), RangeError);
    }
    assert.equal(dates.formatDay(new Date("2024-05-01T23:30:00Z"), "Europe/Berlin"), "2024-05-02");
    assert.match(dates.formatDateTime(noon), /^1 May 2024.*12:30$/);
    assert.equal(dates.formatDuration(3_723_000), "1:02:03");
  });

  test("calculate", () => {
    const day = (text) => new Date(`${text}T00:00:00Z`);
    assert.deepEqual(dates.addDays(day("2024-02-28"), 2), day("2024-03-01"));
    assert.deepEqual(dates.addMonths(day("2023-01-31"), 1), day("2023-02-28"));
    assert.deepEqual(dates.addMonths(day("2024-01-31"), -2), day("2023-11-30"));
    assert.equal(dates.daysBetween(day("2024-02-28"), noon), 63);
    assert.equal(dates.timeAgo(day("2024-05-01"), noon), "12 hours ago");
    assert.equal(dates.timeAgo(dates.addDays(noon, 3), noon), "in 3 days");
    assert.equal(dates.timeAgo(noon, noon), "now");
  });
});

describe("arrays", () => {
  test("split and group", () => {
    assert.deepEqual(arrays.chunk([1, 2, 3], 2), [[1, 2], [3]]);
    assert.throws(() => arrays.chunk([1], 0), RangeError);
    const groups = arrays.groupBy(["a", "bb", "c"], (text) => text.length);
    assert.deepEqual([...groups], [[1, ["a", "c"]], [2, ["bb"]]]);
    assert.deepEqual([...arrays.countValues("aba")], [["a", 2], ["b", 1]]);
    assert.deepEqual(arrays.partition([1, 2, 3], (n) => n % 2), [[1, 3], [2]]);
    assert.deepEqual(arrays.uniqueBy([{ a: 1 }, { a: 1, b: 2 }], (o) => o.a), [{ a: 1 }]);
  });

  test("order", () => {
    const rows = [{ n: "b", a: 1 }, { n: "a", a: 1 }, { n: "c", a: 2 }];
    assert.deepEqual(arrays.sortByKeys(rows, "-a", "n").map((row) => row.n), ["c", "a", "b"]);
    assert.equal(rows[0].n, "b");
    assert.deepEqual(arrays.shuffle([1, 2, 3], () => 0), [2, 3, 1]);
    assert.deepEqual(arrays.shuffle([3, 1, 2]).sort(), [1, 2, 3]);
    assert.equal(arrays.binarySearch([1, 3, 5], 5), 2);
    assert.equal(arrays.binarySearch([1, 3, 5], 4), -1);
    assert.equal(arrays.binarySearch([], 4), -1);
  });

  test("combine", () => {
    assert.deepEqual(arrays.range(0, 5, 2), [0, 2, 4]);
    assert.deepEqual(arrays.range(2, 0, -1), [2, 1]);
    assert.throws(() => arrays.range(0, 5, 0), RangeError);
    assert.deepEqual(arrays.zip([1, 2], ["a", "b", "c"]), [[1, "a"], [2, "b"]]);
    const compared = arrays.compareArrays([1, 2], [2, 3]);
    assert.deepEqual(compared, { both: [2], onlyLeft: [1], onlyRight: [3] });
    const summary = arrays.summarize([10, 1, 2, 3]);
    assert.deepEqual(summary, { sum: 16, mean: 4, median: 2.5, min: 1, max: 10 });
    assert.throws(() => arrays.summarize([]), RangeError);
  });
});

describe("objects", () => {
  test("deep equality", () => {
    const value = () => ({ a: [1, { b: NaN }], d: new Date(5), m: new Map([["k", [1]]]) });
    assert.ok(objects.deepEqual(value(), value()));
    assert.ok(objects.deepEqual(new Set([1]), new Set([1])));
    const unequal = [[[1], [1, 2]], [{ a: undefined }, { b: undefined }], [[], {}], [null, {}]];
    for (const [a, b] of unequal) assert.ok(!objects.deepEqual(a, b));
    assert.ok(!objects.deepEqual(new Map([["k", [1]]]), new Map([["k", [2]]])));
  });

  test("copies", () => {
    const base = { a: { x: 1, y: [1] }, b: 1 };
    const merged = objects.deepMerge(base, { a: { y: [2], z: 3 } }, { b: { c: 1 } });
    assert.deepEqual(merged, { a: { x: 1, y: [2], z: 3 }, b: { c: 1 } });
    assert.deepEqual(base, { a: { x: 1, y: [1] }, b: 1 });
    objects.deepMerge({}, JSON.parse('{"__proto__": {"polluted": true}}'));
    assert.equal({}.polluted, undefined);
    assert.throws(() => objects.deepFreeze({ a: { b: 1 } }).a.b++, TypeError);
    const cycle = { date: new Date(5) };
    cycle.self = cycle;
    const clone = objects.deepClone(cycle);
    assert.ok(clone !== cycle && clone.self === clone && clone.date instanceof Date);
  });

  test("paths", () => {
    const data = { user: { emails: ["a"], name: null } };
    assert.equal(objects.getPath(data, "user.emails.0"), "a");
    assert.equal(objects.getPath(data, "user.name.first", "x"), "x");
    assert.equal(objects.getPath(data, "constructor.name"), undefined);
    assert.equal(objects.setPath(data, "user.emails.0", "b").user.emails[0], "b");
    assert.deepEqual(objects.setPath({}, "a.b", 1), { a: { b: 1 } });
    assert.equal(data.user.emails[0], "a");
    assert.deepEqual(objects.flattenObject({ a: { b: [1] }, c: null }), { "a.b.0": 1, c: null });
  });

  test("keys and JSON", () => {
    const value = { a: 1, b: 2 };
    assert.deepEqual(objects.pick(value, "a", "x"), { a: 1 });
    assert.deepEqual(objects.omit(value, "a"), { b: 2 });
    assert.deepEqual(objects.mapValues(value, (n, key) => key + n), { a: "a1", b: "b2" });
    assert.deepEqual(objects.invert(value), { 1: "a", 2: "b" });
    assert.deepEqual(objects.parseJson("[1]"), [1]);
    assert.equal(objects.parseJson("{", 7), 7);
    assert.equal(objects.stableStringify({ b: [{ d: 1, c: 2 }], a: 1 }), '{"a":1,"b":[{"c":2,"d":1}]}');
  });
});

describe("strings", () => {
  test("convert", () => {
    assert.equal(strings.slugify(" Crème brûlée: 10 %! "), "creme-brulee-10");
    assert.equal(strings.escapeHtml(`<a href="x">'&'</a>`).includes("<"), false);
    assert.ok(new RegExp(`^${strings.escapeRegExp("a.b*(c)")}$`).test("a.b*(c)"));
    assert.equal(strings.camelCase("user_home-ID two"), "userHomeIdTwo");
    assert.equal(strings.kebabCase("parseHTTPResponse2"), "parse-http-response-2");
    assert.equal(strings.kebabCase("userId", "_"), "user_id");
    assert.equal(strings.titleCase("don't stop élan"), "Don't Stop Élan");
  });

  test("shorten and fill", () => {
    assert.equal(strings.truncate("hello world foo", 12), "hello world…");
    assert.equal(strings.truncate("incomprehensible", 6), "incom…");
    assert.equal(strings.truncate("hello", 5), "hello");
    assert.equal(strings.fillTemplate("Hi {name}", { name: "$&" }), "Hi $&");
    assert.throws(() => strings.fillTemplate("{toString}", {}), /no value/);
    assert.equal(strings.countCharacters("e\u0301👨‍👩‍👧!"), 3);
  });

  test("present", () => {
    assert.deepEqual(strings.sortTexts(["file10", "Zebra", "file2", "äpfel"]), [
      "äpfel",
      "file2",
      "file10",
      "Zebra",
    ]);
    assert.equal(strings.formatMoney(1234.5), "€1,234.50");
    const sizes = [0, 999, 1500, 2e12].map(strings.formatBytes);
    assert.deepEqual(sizes, ["0 B", "999 B", "1.5 kB", "2 TB"]);
  });

  test("CSV", () => {
    const text = '\uFEFFname,note\r\n"Ada, L.","said ""hi""\nthere"\r\nBob,\r\n';
    assert.deepEqual(strings.parseCsv(text), [
      { name: "Ada, L.", note: 'said "hi"\nthere' },
      { name: "Bob", note: "" },
    ]);
  });
});

describe("functions", () => {
  test("debounce and throttle", (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const calls = [];
    const debounced = functions.debounce((n) => calls.push(n), 100);
    debounced(1);
    t.mock.timers.tick(99);
    debounced(2);
    t.mock.timers.tick(100);
    debounced(3);
    debounced.cancel();
    t.mock.timers.tick(1000);
    assert.deepEqual(calls.splice(0), [2]);
    const throttled = functions.throttle((n) => calls.push(n), 100);
    [1, 2, 3].forEach((n) => throttled(n));
    assert.deepEqual(calls, [1]);
    t.mock.timers.tick(100);
    assert.deepEqual(calls, [1, 3]);
    t.mock.timers.tick(100);
    throttled(4);
    assert.deepEqual(calls, [1, 3, 4]);
    t.mock.timers.tick(1000);
  });

  test("memoize, once, pipe, curry", () => {
    const add = mock.fn((a, b) => a + b);
    const cached = functions.memoize(add);
    assert.deepEqual([cached(1, 2), cached(1, 2), cached(2, 2)], [3, 3, 4]);
    assert.equal(add.mock.callCount(), 2);
    const single = functions.once(add);
    assert.deepEqual([single(1, 1), single(5, 5)], [2, 2]);
    assert.equal(functions.pipe(Math.sqrt, String)(9), "3");
    const sum = functions.curry((a, b, c) => a + b + c);
    assert.equal(sum(1)(2, 3) + sum(1, 2)(3), 12);
  });

  test("caches", (t) => {
    const lru = new functions.LruCache(2);
    lru.set("a", undefined);
    lru.set("b", 2);
    lru.get("a");
    lru.set("c", 3);
    assert.deepEqual([lru.get("b"), lru.get("c")], [undefined, 3]);
    t.mock.timers.enable({ apis: ["Date"] });
    const cache = new functions.ExpiringCache(10);
    cache.set("a", 1);
    assert.equal(cache.get("a"), 1);
    t.mock.timers.tick(10);
    assert.equal(cache.get("a"), undefined);
  });

  test("events and stores", () => {
    const heard = [];
    const emitter = new functions.Emitter();
    const off = emitter.on("x", (n) => heard.push(n));
    emitter.emit("x", 1);
    off();
    emitter.emit("x", 2);
    emitter.emit("unknown");
    assert.deepEqual(heard, [1]);
    const store = functions.createStore(1);
    const leave = store.subscribe((state) => heard.push(state));
    store.set((state) => state + 4);
    leave();
    store.set(9);
    assert.deepEqual([store.get(), heard], [9, [1, 5]]);
  });
});

describe("async", () => {
  test("sleep and timeout", async () => {
    await async_.sleep(1);
    const controller = new AbortController();
    const sleeping = async_.sleep(60_000, controller.signal);
    controller.abort(new Error("stopped"));
    await assert.rejects(sleeping, /stopped/);
    await assert.rejects(async_.sleep(1, controller.signal), /stopped/);
    assert.equal(await async_.withTimeout(Promise.resolve(1), 1000), 1);
    await assert.rejects(async_.withTimeout(new Promise(() => {}), 5), /within 5 ms/);
    let asked = 0;
    await async_.waitUntil(async () => ++asked === 3, { interval: 1 });
    const never = async_.waitUntil(() => false, { timeout: 3, interval: 1 });
    await assert.rejects(never, /not met/);
  });

  test("retry", async () => {
    const failing = (times) => mock.fn(async (attempt) => {
      if (attempt <= times) throw new Error(`no ${attempt}`);
      return attempt;
    });
    assert.equal(await async_.retry(failing(2), { delay: 1 }), 3);
    await assert.rejects(async_.retry(failing(3), { delay: 1 }), /no 3/);
    const final = failing(3);
    await assert.rejects(async_.retry(final, { isFinal: () => true }), /no 1/);
    assert.equal(final.mock.callCount(), 1);
  });

  test("concurrency", async () => {
    let [running, most] = [0, 0];
    const work = async (n) => {
      most = Math.max(most, ++running);
      await async_.sleep(1);
      running--;
      return n * 2;
    };
    assert.deepEqual(await async_.mapLimited([1, 2, 3, 4, 5], 2, work), [2, 4, 6, 8, 10]);
    assert.equal(most, 2);
    const settled = await async_.collectSettled([1, Promise.reject(new Error("x"))]);
    assert.deepEqual([settled.results, settled.errors[0].message], [[1], "x"]);
    const [queue, order] = [async_.createQueue(), []];
    const slow = queue(() => async_.sleep(5).then(() => order.push("slow")));
    const broken = queue(() => Promise.reject(new Error("x")));
    await Promise.all([slow, assert.rejects(broken, /x/), queue(() => order.push("fast"))]);
    assert.deepEqual(order, ["slow", "fast"]);
    const load = mock.fn(async (key) => key);
    const shared = async_.shareCalls(load);
    assert.deepEqual(await Promise.all([shared("a"), shared("a")]), ["a", "a"]);
    await shared("a");
    assert.equal(load.mock.callCount(), 2);
  });

  test("adapters", async () => {
    const divide = (a, b, done) => (b ? done(null, a / b) : done(new Error("by zero")));
    assert.equal(await async_.promisify(divide)(6, 3), 2);
    await assert.rejects(async_.promisify(divide)(6, 0), /by zero/);
    const pages = { null: { items: [1, 2], next: "b" }, b: { items: [3] } };
    const items = [];
    for await (const item of async_.paginate(async (cursor) => pages[cursor])) items.push(item);
    assert.deepEqual(items, [1, 2, 3]);
  });
});

describe("http", () => {
  const serve = async (answer, use) => {
    const server = createServer(answer);
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      return await use(`http://127.0.0.1:${server.address().port}`);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  };

  test("requests", async () => {
    const routes = {
      "GET /ok": () => ({ ok: true }),
      "POST /echo": (request) => http.readJsonBody(request),
      "GET /fail": () => {
        throw new Error("broken");
      },
    };
    mock.method(console, "error", () => {});
    const server = await http.startServer(routes);
    const url = `http://127.0.0.1:${server.address().port}`;
    try {
      assert.deepEqual(await http.fetchJson(`${url}/ok?x=1`), { ok: true });
      assert.deepEqual(await http.postJson(`${url}/echo`, { a: "ä" }), { a: "ä" });
      await assert.rejects(http.fetchJson(`${url}/none`), /404/);
      await assert.rejects(http.fetchJson(`${url}/fail`), /500/);
      await assert.rejects(http.postJson(`${url}/ok`, {}), /404/);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  test("timeouts and retries", async () => {
    await serve(() => {}, (url) => assert.rejects(http.fetchJson(url, { timeout: 20 }), /timeout/));
    let calls = 0;
    const flaky = (_, response) => response.writeHead(++calls < 3 ? 503 : 404).end();
    await serve(flaky, async (url) => {
      assert.equal((await http.fetchWithRetry(url, { delay: 1 })).status, 404);
      assert.equal(calls, 3);
      calls = 0;
      assert.equal((await http.fetchWithRetry(url, { attempts: 2, delay: 1 })).status, 503);
    });
    await assert.rejects(http.fetchWithRetry("http://127.0.0.1:1", { attempts: 2, delay: 1 }));
  });

  test("downloads and uploads", () => files.withTemporaryFolder(async (folder) => {
    const path = join(folder, "a");
    await serve((_, response) => response.end("hello"), async (url) => {
      await http.downloadFile(url, path);
      assert.equal(await readFile(path, "utf8"), "hello");
    });
    const broken = (_, response) => {
      response.writeHead(200, { "Content-Length": 100 });
      response.write("half", () => response.destroy());
    };
    await serve(broken, (url) => assert.rejects(http.downloadFile(url, join(folder, "b"))));
    assert.deepEqual(await readdir(folder), ["a"]);
    const echo = (request, response) => request.pipe(response);
    await serve(echo, async (url) => {
      const response = await http.uploadFile(url, "a.txt", "hello");
      assert.match(await response.text(), /name="file"; filename="a\.txt"[^]*hello/);
    });
  }));

  test("URLs and cookies", async () => {
    const url = http.withQuery("https://x.org/a?b=1&c=2#d", { b: "ä &", c: null });
    assert.equal(url, "https://x.org/a?b=%C3%A4+%26#d");
    assert.deepEqual(http.parseQuery(url), { b: "ä &" });
    assert.ok(http.isHttpUrl("https://x.org"));
    for (const text of ["x.org", "ftp://x.org", "javascript:alert(1)"]) {
      assert.ok(!http.isHttpUrl(text));
    }
    assert.deepEqual(http.parseCookies("a=1; b=x%3Dy=z; broken"), { a: "1", b: "x=y=z" });
    const large = Readable.from([Buffer.alloc(60), Buffer.alloc(60)]);
    await assert.rejects(http.readJsonBody(large, 100), /larger than 100/);
  });
});

describe("files and processes", () => {
  test("files", () => files.withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.txt");
    await files.writeFileAtomically(path, "one\r\ntwo");
    const lines = [];
    for await (const line of files.readLines(path)) lines.push(line);
    assert.deepEqual(lines, ["one", "two"]);
    await assert.rejects(files.writeFileAtomically(path, Symbol("x")));
    assert.equal(await files.readTail(path, 3), "two");
    assert.equal(await files.readTail(path), "one\r\ntwo");
    await files.gzipFile(path, `${path}.gz`);
    assert.equal(gunzipSync(await readFile(`${path}.gz`)).toString(), "one\r\ntwo");
    await writeFile(path, "abc");
    assert.equal(await files.sha256OfFile(path), crypto.sha256("abc"));
    await assert.rejects(files.readJsonFile(path), /a\.txt is no valid JSON/);
    await writeFile(path, "[1]");
    assert.deepEqual(await files.readJsonFile(path), [1]);
    await mkdir(join(folder, "sub"));
    await writeFile(join(folder, "sub", "b.md"), "");
    assert.deepEqual(await files.findFiles(folder), [path, `${path}.gz`, join(folder, "sub", "b.md")]);
    const found = await files.findFiles(folder, (name) => name.endsWith(".md"));
    assert.deepEqual(found, [join(folder, "sub", "b.md")]);
    assert.deepEqual([await files.exists(path), await files.exists(join(path, "x"))], [true, false]);
  }));

  test("temporary folders disappear", async () => {
    let kept;
    const failing = files.withTemporaryFolder(async (folder) => {
      kept = folder;
      throw new Error("x");
    });
    await assert.rejects(failing, /x/);
    assert.equal(await files.exists(kept), false);
  });

  test("paths stay inside", () => {
    assert.equal(files.resolveInside("/srv", "a/../..b"), "/srv/..b");
    for (const name of ["..", "../x", "/etc", "a/../../srv2"]) {
      assert.throws(() => files.resolveInside("/srv", name), RangeError);
    }
  });

  test("programs", async () => {
    const node = process.execPath;
    assert.equal(await files.runCommand(node, ["-p", "1+1"]), "2\n");
    await assert.rejects(files.runCommand(node, ["-e", "process.exit(3)"]), { code: 3 });
    const upper = "process.stdin.on('data', (d) => process.stdout.write(String(d).toUpperCase()))";
    assert.equal(await files.runWithInput(node, ["-e", upper], "hi"), "HI");
    const failing = files.runWithInput(node, ["-e", "process.exit(2)"], "x".repeat(1_000_000));
    await assert.rejects(failing, /exit code 2/);
    await assert.rejects(files.runWithInput("no-such-program", [], ""), /ENOENT/);
    assert.ok(files.requiredEnvironment("PATH"));
    assert.throws(() => files.requiredEnvironment("COOKBOOK_NONE"), /not set/);
  });

  test("shutdown cleans up", async () => {
    const module = new URL("files_and_processes.mjs", folder).href;
    const code = `import { onShutdown } from "${module}";
      onShutdown(async () => console.log("clean")); setInterval(() => {}, 1000);
      console.log("ready");`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", code]);
    let output = "";
    child.stdout.on("data", (data) => {
      output += data;
      if (output === "ready\n") child.kill("SIGTERM");
    });
    assert.equal(await new Promise((resolve) => child.on("close", resolve)), 0);
    assert.equal(output, "ready\nclean\n");
  });
});

describe("crypto", () => {
  test("hashes and secrets", async () => {
    assert.match(crypto.sha256("abc"), /^ba7816bf/);
    assert.notEqual(crypto.randomToken(), crypto.randomToken());
    assert.match(crypto.randomToken(), /^[\w-]{43}$/);
    assert.match(crypto.randomCode(), /^\d{6}$/);
    const stored = await crypto.hashPassword("secret");
    assert.ok(await crypto.verifyPassword("secret", stored));
    assert.ok(!(await crypto.verifyPassword("Secret", stored)));
  });

  test("signatures and encryption", () => {
    const signature = "97d2a569059bbcd8ead4444ff99071f4c01d005bcefe0d3567e1be628e5fdcd9";
    const body = "The quick brown fox jumps over the lazy dog";
    assert.ok(!crypto.verifyWebhook(body, signature, "key"));
    const right = "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8";
    assert.ok(crypto.verifyWebhook(body, right, "key"));
    assert.ok(!crypto.verifyWebhook(body, "zz", "key"));
    const key = Buffer.alloc(32, 7);
    const encrypted = crypto.encrypt("hällo", key);
    assert.equal(crypto.decrypt(encrypted, key), "hällo");
    const bytes = Buffer.from(encrypted, "base64");
    bytes[bytes.length - 1] ^= 1;
    assert.throws(() => crypto.decrypt(bytes.toString("base64"), key));
  });
});

// SPDX-License-Identifier: CC0-1.0

/** Wait for some milliseconds (sleep); an AbortSignal ends the waiting early with an error. */
export function sleep(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", abort, { once: true });
  });
}

/** Retry an async function with exponential backoff and jitter when it fails. */
export async function retry(action, { attempts = 3, delay = 200, isFinal = () => false } = {}) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action(attempt);
    } catch (error) {
      if (attempt >= attempts || isFinal(error)) throw error;
      const pause = delay * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/** Reject a promise with an error when it takes longer than some milliseconds (timeout). */
export async function withTimeout(promise, milliseconds) {
  let timer;
  const timeout = new Promise((_, reject) => {
    const error = new Error(`no result within ${milliseconds} ms`);
    timer = setTimeout(() => reject(error), milliseconds);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** Run an async function over many items with limited concurrency; results keep the order. */
export async function mapLimited(items, limit, action) {
  const results = new Array(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await action(items[index], index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}

/** Wait for all promises and collect their results and errors separately. */
export async function collectSettled(promises) {
  const outcomes = await Promise.allSettled(promises);
  return {
    results: outcomes.filter((o) => o.status === "fulfilled").map((o) => o.value),
    errors: outcomes.filter((o) => o.status === "rejected").map((o) => o.reason),
  };
}

/** Wait until a condition becomes true, by asking again and again, or fail after a timeout. */
export async function waitUntil(condition, { timeout = 2000, interval = 20 } = {}) {
  const end = Date.now() + timeout;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`the condition was not met within ${timeout} ms`);
    await new Promise((resolve) => setTimeout(resolve, interval));
  }
}

/** Run async tasks one after another in the order of the calls (a queue or mutex). */
export function createQueue() {
  let last = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => {});
    return result;
  };
}

/** Share one running call among all who ask for the same key, so that work is not done twice. */
export function shareCalls(load) {
  const running = new Map();
  return (key) => {
    if (!running.has(key)) {
      const call = Promise.resolve(load(key)).finally(() => running.delete(key));
      running.set(key, call);
    }
    return running.get(key);
  };
}

/** Turn a function with a Node.js callback `(error, result)` into one that returns a promise. */
export function promisify(action) {
  return (...args) =>
    new Promise((resolve, reject) => {
      action(...args, (error, result) => (error ? reject(error) : resolve(result)));
    });
}

/** Fetch all pages of a paginated source lazily, item by item (async generator). */
export async function* paginate(fetchPage) {
  let cursor = null;
  do {
    const page = await fetchPage(cursor);
    yield* page.items;
    cursor = page.next ?? null;
  } while (cursor !== null);
}

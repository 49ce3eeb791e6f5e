// SPDX-License-Identifier: CC0-1.0

/** Debounce a function: it runs once calls have stopped for some milliseconds. */
export function debounce(action, milliseconds) {
  let timer;
  const debounced = (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...args), milliseconds);
  };
  debounced.cancel = () => clearTimeout(timer);
  return debounced;
}

/** Throttle a function: it runs at most once per interval, and at last with the latest call. */
export function throttle(action, milliseconds) {
  let timer = null;
  let latest = null;
  const run = (args) => {
    action(...args);
    timer = setTimeout(() => {
      const waiting = latest;
      timer = latest = null;
      if (waiting) run(waiting);
    }, milliseconds);
  };
  return (...args) => {
    if (timer === null) run(args);
    else latest = args;
  };
}

/** Cache the results of a function by its arguments as JSON (memoize). */
export function memoize(compute) {
  const results = new Map();
  return (...args) => {
    const key = JSON.stringify(args);
    if (!results.has(key)) results.set(key, compute(...args));
    return results.get(key);
  };
}

/** Run a function only once and return its first result to all later calls. */
export function once(action) {
  let result;
  let done = false;
  return (...args) => {
    if (!done) {
      result = action(...args);
      done = true;
    }
    return result;
  };
}

/** Compose functions from left to right: the result of each goes to the next (pipe). */
export function pipe(...steps) {
  return (value) => steps.reduce((result, step) => step(result), value);
}

/** Turn a function of several arguments into one that takes them one by one (curry). */
export function curry(action, ...given) {
  return (...args) => {
    const all = [...given, ...args];
    return all.length >= action.length ? action(...all) : curry(action, ...all);
  };
}

/** A cache of limited size that drops the least recently used entry (LRU). */
export class LruCache {
  #entries = new Map();
  #size;

  constructor(size) {
    this.#size = size;
  }

  get(key) {
    if (!this.#entries.has(key)) return undefined;
    const value = this.#entries.get(key);
    // A Map keeps the order of insertion, so the entry moves to the end.
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key, value) {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.#size) this.#entries.delete(this.#entries.keys().next().value);
  }
}

/** A cache whose entries expire after some milliseconds (TTL). */
export class ExpiringCache {
  #entries = new Map();
  #milliseconds;

  constructor(milliseconds) {
    this.#milliseconds = milliseconds;
  }

  set(key, value) {
    this.#entries.set(key, { value, end: Date.now() + this.#milliseconds });
  }

  get(key) {
    const entry = this.#entries.get(key);
    if (entry && entry.end > Date.now()) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }
}

/** An event emitter: listeners subscribe to a named event and get a function to unsubscribe. */
export class Emitter {
  #listeners = new Map();

  on(name, listener) {
    if (!this.#listeners.has(name)) this.#listeners.set(name, new Set());
    this.#listeners.get(name).add(listener);
    return () => this.#listeners.get(name).delete(listener);
  }

  emit(name, ...args) {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) listener(...args);
  }
}

/** A small store of state: subscribers are told about every change. */
export function createStore(initial) {
  let state = initial;
  const subscribers = new Set();
  return {
    get: () => state,
    set(change) {
      state = typeof change === "function" ? change(state) : change;
      for (const subscriber of subscribers) subscriber(state);
    },
    subscribe(subscriber) {
      subscribers.add(subscriber);
      return () => subscribers.delete(subscriber);
    },
  };
}

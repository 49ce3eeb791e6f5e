// SPDX-License-Identifier: CC0-1.0

/** A typed event emitter: names and arguments of the events are checked by the compiler. */
export class TypedEmitter<Events extends Record<string, unknown[]>> {
  readonly #listeners: { [K in keyof Events]?: Set<(...args: Events[K]) => void> } = {};

  on<K extends keyof Events>(name: K, listener: (...args: Events[K]) => void): () => void {
    const listeners = (this.#listeners[name] ??= new Set());
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  emit<K extends keyof Events>(name: K, ...args: Events[K]): void {
    for (const listener of [...(this.#listeners[name] ?? [])]) listener(...args);
  }
}

/** A state machine whose allowed transitions are checked at run time and by the compiler. */
export class StateMachine<State extends string> {
  readonly #transitions: Record<State, readonly State[]>;
  #state: State;

  constructor(initial: NoInfer<State>, transitions: Record<State, readonly NoInfer<State>[]>) {
    this.#state = initial;
    this.#transitions = transitions;
  }

  get state(): State {
    return this.#state;
  }

  go(next: State): void {
    if (!this.#transitions[this.#state].includes(next)) {
      throw new Error(`no transition from ${this.#state} to ${next}`);
    }
    this.#state = next;
  }
}

/** Create a reducer from handlers, one for each type of action (discriminated union). */
export function createReducer<State, Action extends { type: string }>(handlers: {
  [Type in Action["type"]]: (state: State, action: Extract<Action, { type: Type }>) => State;
}): (state: State, action: Action) => State {
  return (state, action) => {
    const handle = handlers[action.type as Action["type"]];
    return handle(state, action as Extract<Action, { type: Action["type"] }>);
  };
}

/** Debounce a function and keep the types of its parameters. */
export function debounce<Args extends unknown[]>(
  action: (...args: Args) => void,
  milliseconds: number,
): (...args: Args) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...args), milliseconds);
  };
}

/** Cache the results of a function of one argument and keep its types (memoize). */
export function memoize<Arg, R>(compute: (arg: Arg) => R): (arg: Arg) => R {
  const results = new Map<Arg, R>();
  return (arg) => {
    if (!results.has(arg)) results.set(arg, compute(arg));
    return results.get(arg) as R;
  };
}

/** Retry an async function with exponential backoff and keep the type of its result. */
export async function retry<T>(
  action: (attempt: number) => Promise<T>,
  { attempts = 3, delay = 200 }: { attempts?: number; delay?: number } = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action(attempt);
    } catch (error) {
      if (attempt >= attempts) throw error;
      await new Promise((resolve) => setTimeout(resolve, delay * 2 ** (attempt - 1)));
    }
  }
}

/** Build an object step by step; `build` compiles only once all required parts are given. */
export class RequestBuilder<Given extends string = never> {
  readonly #parts: Record<Given, string>;

  constructor(parts = {} as Record<Given, string>) {
    this.#parts = parts;
  }

  with<Name extends "url" | "method">(name: Name, value: string): RequestBuilder<Given | Name> {
    const parts = { ...this.#parts, [name]: value } as Record<Given | Name, string>;
    return new RequestBuilder<Given | Name>(parts);
  }

  build(this: RequestBuilder<"url" | "method">): { url: string; method: string } {
    return { ...this.#parts };
  }
}

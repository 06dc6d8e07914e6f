/** Values that are there at once, or promised: what is there is not waited for. */

/** `then` of `value`: at once where it is there, and else when it comes. */
export function when<T, R>(
  value: T | PromiseLike<T>,
  then: (value: T) => R | Promise<R>,
): R | Promise<R> {
  return isPromised(value) ? Promise.resolve(value).then(then) : then(value);
}

/** What `step` makes, or `caught` of what it throws or rejects with. */
export function attempt<T>(
  step: () => T | Promise<T>,
  caught: (thrown: unknown) => T,
): T | Promise<T> {
  try {
    const made = step();
    return isPromised(made) ? Promise.resolve(made).then(undefined, caught) : made;
  } catch (thrown) {
    return caught(thrown);
  }
}

/** Whether `await` would wait for it. */
export function isPromised<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  if (typeof value !== 'object' || value === null) return false;
  return value instanceof Promise || ('then' in value && typeof value.then === 'function');
}

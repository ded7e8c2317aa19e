/** The part of a `Map` or `WeakMap` that `getOrAdd()` uses. */
interface Store<Key, Value> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): unknown;
}

/** The value of a key; `make` returns that of a new one. */
export function getOrAdd<Key, Value extends NonNullable<unknown>>(
  store: Store<Key, Value>,
  key: Key,
  make: () => Value,
): Value {
  const known = store.get(key);
  if (known !== undefined) return known;
  const value = make();
  store.set(key, value);
  return value;
}

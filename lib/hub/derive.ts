/** A value made from what `current` gives, made anew whenever that is another object. */
export function derive<Source, Value>(
  current: () => Source,
  make: (source: Source) => Value,
): () => Value {
  let source = current();
  let value = make(source);
  return () => {
    const now = current();
    if (now !== source) {
      source = now;
      value = make(now);
    }
    return value;
  };
}
